#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/pipeline/journal.h"
#include "core/pipeline/selection.h"

namespace coffer {

/// The journals of one kind of backup (the same paths into the same repository) in an agent's cache
/// folder: the base, the one being written, and those of runs that were cut short.
class JournalFiles {
  public:
    JournalFiles(std::string folder, const BackupRequest& request, const RepositoryId& repository);

    std::string current() const { return stem_ + ".running"; }

    /// Journals to go on from, the newest first; the committed base last. Puts the journal of a run
    /// that was cut short aside first, so that current() is free.
    std::vector<JournalReader> open();

    std::optional<SnapshotId> baseSnapshot() const;

    /// current() has become the base.
    void commit();

  private:
    std::string interrupted(int number) const;

    std::string stem_;
    RepositoryId repository_;
};

}  // namespace coffer
