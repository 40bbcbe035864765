#pragma once

#include <functional>
#include <optional>
#include <unordered_set>
#include <vector>

#include "core/catalog/catalog_file.h"
#include "core/catalog/catalog_sweep.h"
#include "core/catalog/catalog_writer.h"
#include "core/repository/repository.h"
#include "core/snapshot/snapshot.h"

namespace coffer {

/// Brings a catalogue up to what its repository holds. Of each snapshot it reads the folders that
/// differ from the one of the same source before, in memory that depends on depth, not on size.
/// May be cut at any moment, also by the end of the process, and done again. Used by one thread,
/// the only one that changes the file.
class CatalogBuild {
  public:
    /// Damaged snapshots: others of their sources go on without them.
    struct Failures {
        std::unordered_set<SnapshotId, IdHash> snapshots;  // not worth another look for a while
        std::unordered_set<SnapshotId, IdHash> doubted;    // of these, and all that were so before
    };

    /// A snapshot that could not be read, of a damaged one once.
    using Unreadable = std::function<void(const SnapshotId& id, const Error& error)>;

    /// `check` is called often and may throw, to end it; `atOnce` changes are a transaction. All
    /// references outlive it. What has failed is passed over; what fails becomes known to it.
    CatalogBuild(Repository& repository, CatalogFile& file, Failures& failures,
                 std::function<void()> check, Unreadable unreadable,
                 unsigned atOnce = CatalogWriter::usualChanges);

    /// Sweeps when it has to, then reads the snapshots that are new, oldest first.
    void run();

  private:
    struct Tip;
    void sweep();
    Tip tipOf(std::int64_t source);
    void tryToAdd(const SnapshotInfo& info);
    void add(const SnapshotInfo& info);
    void addTo(std::int64_t source, const Snapshot& snapshot);
    TreeNode rootOf(const std::optional<CatalogSnapshot>& known);
    void readChanges(const Snapshot& snapshot, std::int64_t source, std::int64_t number,
                     const TreeNode& before);
    void requireChanges(const Snapshot& snapshot, const TreeNode& before);
    bool isReadable(const Snapshot& snapshot);
    void checkFileOnce(const Error& error);
    void doubt(const SnapshotId& id, const Error& error);

    Repository& repository_;
    CatalogFile& file_;
    Failures& failures_;
    const std::function<void()> check_;
    const Unreadable unreadable_;
    const unsigned atOnce_;
    LivingSnapshots living_;
    std::unordered_set<std::int64_t> failed_;   // sources, by this build
    std::unordered_set<std::int64_t> damaged_;  // likewise: one of their snapshots is
    bool fileChecked_ = false;
};

/// The snapshots that a catalogue is about: all but hidden ones; those in the trash, too. Oldest
/// first.
std::vector<SnapshotInfo> cataloguedSnapshots(Repository& repository);

}  // namespace coffer
