#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/guarded.h"
#include "core/base/unique_fd.h"
#include "core/chunk/chunk_id.h"
#include "core/pipeline/signature.h"
#include "core/repository/ids.h"

namespace coffer {

// The journal of a backup: what it has found, folder by folder. While the run lasts it is what an
// interrupted backup goes on from; after the commit it is the base that the next one compares with.
// A cache of the agent only: without it files are read again, nothing else
// (docs/formats/journal.md).

/// Which part of which folder a record is about; `bits` is 0 for a folder that is one tree.
struct JournalKey {
    std::string path;
    unsigned bits = 0;
    std::uint32_t segment = 0;
};

/// An entry of a record; borrows from it.
struct JournalEntry {
    std::string_view name;
    EntrySignature signature;
    ByteView node;  // TreeNode::encode
};

/// One record, in the form in which it is stored.
class JournalRecord {
  public:
    /// Parses; throws Error(corrupt).
    explicit JournalRecord(Bytes data);

    // The entries look into the octets, which moving leaves where they are.
    JournalRecord(JournalRecord&&) = default;
    JournalRecord& operator=(JournalRecord&&) = default;

    /// Of a folder that was not finished: it has no tree, and the entries are those that were read
    /// by then, without subfolders.
    bool isPartial() const { return tree_.isZero(); }

    const ChunkId& tree() const { return tree_; }
    const std::vector<JournalEntry>& entries() const { return entries_; }  // ascending names
    ByteView data() const { return data_; }
    bool isFor(const JournalKey& key) const;

    /// Without a tree (zero) it is partial.
    static Bytes encode(const JournalKey& key, const ChunkId& tree,
                        const std::vector<JournalEntry>& entries);

  private:
    Bytes data_;
    std::string_view path_;
    unsigned bits_ = 0;
    std::uint32_t segment_ = 0;
    ChunkId tree_;
    std::vector<JournalEntry> entries_;
};

/// Writes a journal. Safe to share between threads.
class JournalWriter {
  public:
    /// Starts the file anew (0600).
    JournalWriter(const std::string& path, const RepositoryId& repository);

    void add(ByteView record);

    /// Notes how many segments a large folder has (bits of its records' keys).
    void addSegmented(const std::string& path, unsigned bits);

    /// All records so far outlast the process.
    void flush();

    /// All records so far are on the disk.
    void sync();

    /// Closes the journal as the base that belongs to a committed snapshot.
    void finish(const SnapshotId& snapshot);

  private:
    struct State {
        UniqueFd file;
        Bytes buffer;
        std::uint64_t size = 0;
        std::vector<std::pair<std::uint64_t, std::uint64_t>> index;  // hash of key, offset
    };
    void append(State& state, std::uint64_t hash, ByteView record);
    static void write(State& state);
    Guarded<State> state_;
};

/// Reads a journal, finished or cut short anywhere. Safe to share between threads.
class JournalReader {
  public:
    /// Nothing when there is no such file, or none for this repository.
    static std::optional<JournalReader> open(const std::string& path,
                                             const RepositoryId& repository);

    /// The snapshot it is the base of; none for an interrupted run.
    const std::optional<SnapshotId>& snapshot() const { return snapshot_; }

    std::optional<JournalRecord> find(const JournalKey& key) const;

    /// The bits by which a folder was cut; 0 when it was not or is not known.
    unsigned segmentBits(const std::string& path) const;

  private:
    JournalReader() = default;
    bool load(const RepositoryId& repository);
    bool loadIndex(std::uint64_t size);
    void scan(std::uint64_t size);
    std::optional<Bytes> readRecord(std::uint64_t offset) const;

    UniqueFd file_;
    std::optional<SnapshotId> snapshot_;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> index_;  // sorted by hash
};

}  // namespace coffer
