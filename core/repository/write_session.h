#pragma once

#include <optional>
#include <unordered_set>

#include "core/base/guarded.h"
#include "core/repository/backup_store.h"
#include "core/repository/generation_hold.h"
#include "core/repository/id_filter.h"
#include "core/repository/repository.h"

namespace coffer {

/// What is settled of the snapshot of a session before it is made.
struct CommitTerms {
    std::optional<SnapshotId> id{};   // none: whatever its agent chose
    std::vector<std::string> tags{};  // written on it in the step that registers it
};

/// The server's side of one backup (docs/locking.md). Safe to share between threads.
class WriteSession : public BackupStore {
  public:
    class Upload;

    /// Begins a session of an enrolled agent on top of `base`. Throws Error(conflict) while the
    /// recovery kit has not been confirmed, (untrusted) for an unknown agent, and what
    /// Repository::checkPacks() throws.
    WriteSession(Repository& repository, const AgentId& agent,
                 const std::optional<SnapshotId>& base, const CommitTerms& commit = {});

    /// Ends the session; what was sent and not committed waits for a prune or the next session.
    ~WriteSession() override;

    const SessionTerms& terms() const override { return terms_; }
    std::vector<bool> missing(std::span<const ChunkId> ids) override;
    std::unique_ptr<PackUpload> openPack() override;

    /// The same for a server that receives a pack slice by slice.
    std::unique_ptr<Upload> receivePack();

    /// Whether this pack of the agent is registered already, for who was not told when it finished
    /// it. One of this session counts as sent in it, also when its upload failed behind its record.
    /// Throws what Repository::recover() throws.
    bool wasRegistered(const PackRegistration& registration);

    /// The same snapshot again gives the time of the first. Error(conflict) for another id than was
    /// settled, and for a second snapshot of one id; (gone) when the note of the session is lost,
    /// by which prunes keep what it was promised. One caller at a time.
    Timestamp commit(const SealedSnapshot& snapshot) override;

    const SessionId& id() const { return hold_.session(); }

  private:
    using ChunkSet = std::unordered_set<ChunkId, IdHash>;
    void pinBase(const SnapshotId& base);
    bool anyVisible(const std::vector<ChunkLocation>& places);
    void checkRegistration(const PackRegistration& registration, std::uint64_t size);
    void takeIn(const PackId& pack);
    void checkReferences(const ChunkId& root);
    void findSuspects();
    void addUnsound(const OpenPack& pack, ChunkSet& suspects);
    void addListsAbove(ChunkSet& suspects);
    void requireNote();
    std::vector<ManifestPayload> recordsOf(const SnapshotRegistration& registration);

    Repository& repository_;
    AgentId agent_;
    const std::optional<SnapshotId> expected_;
    SnapshotMark mark_;  // of the snapshot from its commit on
    const GenerationHold hold_;
    std::optional<RunningWork::Pin> pin_;
    std::optional<SnapshotInfo> base_;  // the pinned one
    SessionTerms terms_;

    struct State {
        std::vector<PackId> packs;  // registered in this session
        IdFilter allowed;           // ids sent or answered 'have'
    };
    Guarded<State> state_;
};

/// Streams a pack into the store; registers it when it is whole. Takes no room before the first
/// octet. Used by one thread at a time; the session outlives it.
class WriteSession::Upload : public PackUpload {
  public:
    Upload(WriteSession& session, const PackId& id) : session_(session), id_(id) {}

    PackId id() const override { return id_; }
    void append(ByteView slice) override;
    void finish(const PackRegistration& registration) override;

    /// Octets so far.
    std::uint64_t size() const { return size_; }

    /// Whether just these octets were appended at `offset`.
    bool holds(std::uint64_t offset, ByteView slice);

  private:
    WriteSession& session_;
    const PackId id_;
    std::unique_ptr<ObjectWriter> writer_;
    std::uint64_t size_ = 0;
};

}  // namespace coffer
