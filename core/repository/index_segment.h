#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/repository/bloom_filter.h"
#include "core/repository/index_entry.h"
#include "core/storage/disk.h"

namespace coffer {

/// A sorted file of index entries that never changes (docs/formats/chunk-index.md). In memory are
/// its filter and the first key of every page, 1.4 octets for each entry. Safe to share.
class IndexSegment {
  public:
    static constexpr std::size_t pageEntries = 128;

    /// Opens a file of that size which should hold so many entries. Throws Error(corrupt) when
    /// what is kept in memory does not check; entries are checked as they are read.
    IndexSegment(std::shared_ptr<DiskReader> file, std::uint64_t size, std::uint64_t entries);

    std::uint64_t entries() const { return entries_; }

    /// Looks keys up, one after the other. Used by one thread; the segment outlives it.
    class Search;

    /// Reads entries from number `first` on, as many as fit; fewer at the end only. Throws
    /// Error(corrupt) when the file is shorter.
    std::span<const IndexEntry> read(std::uint64_t first, std::span<IndexEntry> into) const;

  private:
    std::size_t firstFence(const IndexKey& key) const;

    std::shared_ptr<DiskReader> file_;
    std::uint64_t entries_;
    std::vector<IndexKey> fences_;  // first key of each page
    BloomFilter filter_;
};

/// Keys that ascend cost a look at each page of the file at most.
class IndexSegment::Search {
  public:
    explicit Search(const IndexSegment& segment) : segment_(segment) {}

    /// Appends the entries of this key; those that do not check are passed over. Throws
    /// Error(corrupt) when the file is shorter.
    void find(const IndexKey& key, std::vector<IndexEntry>& found);

  private:
    std::span<const IndexEntry> page(std::size_t number);

    const IndexSegment& segment_;
    std::array<IndexEntry, pageEntries> room_;
    std::span<const IndexEntry> entries_;  // in the room
    std::size_t number_ = 0;               // of their page; counts only with entries
};

/// Makes such a file. Used by one thread.
class IndexSegmentWriter {
  public:
    /// `expected`: at least as many entries as will be added; decides the size of the filter.
    IndexSegmentWriter(std::unique_ptr<DiskWriter> file, std::uint64_t expected);

    /// Entries come in ascending order.
    void add(const IndexEntry& entry);

    /// Completes the file and makes its octets durable; gives the number of entries.
    std::uint64_t finish();

  private:
    void write();

    std::unique_ptr<DiskWriter> file_;
    std::uint64_t entries_ = 0;
    std::vector<IndexEntry> buffer_;
    std::vector<IndexKey> fences_;
    BloomFilter filter_;
};

}  // namespace coffer
