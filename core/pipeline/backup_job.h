#pragma once

#include <optional>
#include <string>

#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/pipeline/problem_log.h"
#include "core/pipeline/run_progress.h"
#include "core/pipeline/selection.h"
#include "core/repository/backup_store.h"
#include "core/snapshot/snapshot.h"
#include "core/source/data_source.h"

namespace coffer {

/// What a backup runs with beside the request. All references outlive the job.
struct BackupSettings {
    int compressionLevel = 2;              // as zstd counts
    unsigned workers = 0;                  // threads; 0: one more than cores
    std::string cacheFolder;               // journals and temporary files of this agent
    std::optional<SnapshotId> snapshot{};  // what it will be; none: a random id
};

/// The base a backup will ask the repository to pin: the snapshot of the agent's newest journal for
/// the same paths. Nothing without one.
std::optional<SnapshotId> baseOf(const BackupRequest& request, const std::string& cacheFolder,
                                 const RepositoryId& repository);

/// Backs up a source into a repository and gives the committed snapshot. What concerns single
/// entries goes to `problems`; an Error ends the run, and the journal lets the next one go on from
/// there. Throws Error(cancelled) within two seconds of a request to stop.
Snapshot runBackup(DataSource& source, BackupStore& store, const AgentKeys& keys,
                   const ChunkerParameters& chunker, const BackupRequest& request,
                   const BackupSettings& settings, const Clock& clock, RunProgress& progress,
                   ProblemLog& problems, const CancelToken& cancel);

}  // namespace coffer
