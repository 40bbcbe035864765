#pragma once

#include <vector>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/pipeline/backup_worker.h"
#include "core/pipeline/folder_task.h"
#include "core/pipeline/journal.h"

namespace coffer {

/// What a backup knows of each folder from former runs, and writes down for the next one. Safe to
/// share between the workers of one backup.
class FolderJournal {
  public:
    /// All outlive it. The best of the bases is the first.
    FolderJournal(BackupShared& shared, const std::vector<JournalReader>& bases,
                  JournalWriter& journal, const Clock& clock);

    /// Fills in what former runs knew of the folder: its `base`, and what cut ones had `begun`.
    void load(FolderTask& task) const;

    // What has become of a folder. A note of one that was only begun costs the run nothing when it
    // fails: then more is read another time.
    void noteBegun(const FolderTask& task);
    void noteSegmented(const FolderTask& task, unsigned bits);
    void noteUnchanged(const FolderTask& task);  // as in its base
    void noteFinished(const FolderTask& task, const ChunkId& tree);

    /// Now and then what has been read becomes durable, so that a run which is cut goes on from
    /// there; more often it leaves this process, which may be killed. To be called often.
    void checkpoint(BackupWorker& worker);

  private:
    bool due(Guarded<Timestamp>& last, std::int64_t interval) const;
    void add(const FolderTask& task, const ChunkId& tree, const std::vector<JournalEntry>& entries);

    BackupShared& shared_;
    const std::vector<JournalReader>& bases_;
    JournalWriter& journal_;
    const Clock& clock_;
    Guarded<Timestamp> lastFlush_;
    Guarded<Timestamp> lastCheckpoint_;
};

}  // namespace coffer
