#pragma once

#include <functional>
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
    /// A snapshot that could not be read; it will be tried again by another build.
    using Unreadable = std::function<void(const SnapshotId& id, const Error& error)>;

    /// `check` is called often and may throw, to end it; `atOnce` changes are a transaction. Both
    /// references outlive it.
    CatalogBuild(Repository& repository, CatalogFile& file, std::function<void()> check,
                 Unreadable unreadable, unsigned atOnce = CatalogWriter::usualChanges);

    /// Sweeps when it has to, then reads the snapshots that are new, oldest first.
    void run();

  private:
    struct Tip;
    void sweep();
    Tip tipOf(std::int64_t source);
    void add(const SnapshotInfo& info);
    void readChanges(const Snapshot& snapshot, std::int64_t source, std::int64_t number,
                     const TreeNode& before);

    Repository& repository_;
    CatalogFile& file_;
    const std::function<void()> check_;
    const Unreadable unreadable_;
    const unsigned atOnce_;
    LivingSnapshots living_;
};

/// The snapshots that a catalogue is about: all but hidden ones; those in the trash, too. Oldest
/// first.
std::vector<SnapshotInfo> cataloguedSnapshots(Repository& repository);

}  // namespace coffer
