#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/guarded.h"
#include "core/repository/chunk_index.h"
#include "core/repository/index_catalog.h"
#include "core/repository/index_log.h"
#include "core/repository/index_segment.h"
#include "core/repository/index_tail.h"

namespace coffer {

/// ChunkIndex in a folder of sorted segments and a log of what is not in them yet: a log-structured
/// merge tree (O'Neil, Cheng, Gawlick, O'Neil, 1996) of which only the end is ever appended to
/// (docs/formats/chunk-index.md). Look-ups wait neither for each other nor for a merge.
///
/// Bound to one repository: what belongs to another, or does not check, counts as empty. Nothing is
/// written before the first change, so a process that only looks may open it beside one that
/// writes; where it misses an id it takes in what the other has written since.
///
/// After a power loss it may be older than what was acknowledged, never wrong.
class SegmentIndex : public ChunkIndex {
  public:
    struct Limits {
        std::size_t tailEntries = 1U
                                  << 16;  // in memory and in the logs before they go to a segment
        std::uint64_t logOctets = 4U << 20;  // likewise
        std::size_t logs = 16;               // each process that changes something begins one
        unsigned fanout = 4;                 // so many segments of about one size become one
    };

    /// `disk` must outlive it; `folder` is canonical, its parent exists.
    SegmentIndex(Disk& disk, const std::string& folder, const RepositoryId& repository,
                 const Limits& limits);
    SegmentIndex(Disk& disk, const std::string& folder, const RepositoryId& repository);

    void add(const PackId& pack, const PackDirectory& directory, std::uint64_t generation) override;
    void remove(const PackId& pack, std::uint64_t generation) override;
    std::vector<std::vector<ChunkLocation>> find(std::span<const ChunkId> ids) override;
    std::uint64_t chunkCount() override;
    std::uint64_t generation() override;
    void setGeneration(std::uint64_t generation) override;
    void clear() override;

    /// Takes in anew what is on the disk, after a change that failed.
    void reload();

  private:
    using SegmentPointer = std::shared_ptr<const IndexSegment>;

    struct View {              // what a look-up sees
        IndexCatalog catalog;  // with the packs and the generation of the logs
        std::unordered_map<PackId, std::uint32_t, IdHash> numbers;
        std::vector<SegmentPointer> segments;  // as in the catalog
        IndexTail tail;
        std::uint64_t chunks = 0;           // without those of removed packs
        std::vector<std::uint64_t> logs{};  // how much of each counts
        std::shared_ptr<DiskReader> file;   // the catalog; none: it counts as empty
        std::uint64_t lastLogSize = 0;      // with what does not count
        std::uint64_t numbering = 0;        // another one when packs were numbered anew
        bool mine = false;                  // this process has changed it, so no other does

        void apply(IndexChange change);
        void replaceBy(View fresh);
    };
    struct Writer {
        bool ready = false;
        std::optional<IndexLogWriter> log;
    };
    struct Merge {
        IndexCatalog catalog;  // as it will be, but for the new segment
        std::vector<SegmentPointer> kept;
        std::vector<SegmentPointer> merged;
        std::vector<IndexEntry> tail;
    };

    std::string pathOf(std::string_view name) const;
    View load() const;
    View loadOnce(std::shared_ptr<DiskReader> file) const;
    void readLogs(View& view) const;
    bool changed(const View& view) const;
    bool refresh();
    bool findOnce(std::span<const ChunkId> ids, std::vector<std::vector<ChunkLocation>>& found);
    std::optional<bool> tryToFind(std::span<const ChunkId> ids,
                                  std::vector<std::vector<ChunkLocation>>& found);

    void change(IndexChange change);
    void takeOver(Writer& writer);
    void append(Writer& writer, const IndexChange& change);
    void settle(Writer& writer);
    std::optional<Merge> planMerge();
    std::size_t firstToMerge(const View& view, bool all) const;
    std::uint64_t writeSegment(const Merge& merge, const std::string& path);
    void publish(const IndexCatalog& catalog);
    std::unique_ptr<DiskWriter> createFresh(const std::string& path);
    void removeStrays();

    Disk& disk_;
    const std::string folder_;
    const RepositoryId repository_;
    const Limits limits_;
    Guarded<Writer> writer_;  // taken before the view
    Guarded<View> view_;
};

}  // namespace coffer
