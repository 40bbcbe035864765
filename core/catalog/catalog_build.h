#pragma once

#include <functional>
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
    /// What is not worth another look for a while: snapshots, or those that they are compared
    /// with, are damaged.
    struct Failures {
        std::unordered_set<SnapshotId, IdHash> snapshots;
        std::unordered_set<std::int64_t> sources;  // by number in this file
    };

    /// A snapshot that could not be read. Others of its source have to wait for another build.
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
    void readChanges(const Snapshot& snapshot, std::int64_t source, std::int64_t number,
                     const TreeNode& before);

    Repository& repository_;
    CatalogFile& file_;
    Failures& failures_;
    const std::function<void()> check_;
    const Unreadable unreadable_;
    const unsigned atOnce_;
    LivingSnapshots living_;
    std::unordered_set<std::int64_t> failed_;  // sources, by this build
    bool fileChecked_ = false;
};

/// The snapshots that a catalogue is about: all but hidden ones; those in the trash, too. Oldest
/// first.
std::vector<SnapshotInfo> cataloguedSnapshots(Repository& repository);

}  // namespace coffer
