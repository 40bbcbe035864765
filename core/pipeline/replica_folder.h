#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/base/clock.h"
#include "core/base/file_lock.h"
#include "core/pipeline/replicate_job.h"
#include "core/storage/bandwidth_schedule.h"
#include "core/storage/local_store.h"

namespace coffer {

/// The folder of a replica on this machine, made when it is missing and locked while this lives.
class ReplicaFolder {
  public:
    /// It lies neither in nor around any of `taken`, which are canonical. Throws
    /// Error(invalidArgument) when it does, (alreadyExists) when it holds something and is no
    /// replica, (busy) when another replication has it, and what making folders throws. The disk
    /// outlives it.
    ReplicaFolder(Disk& disk, const std::string& folder, std::span<const std::string> taken);

    ObjectStore& store() { return store_; }
    const std::string& path() const { return folder_; }

  private:
    void requireEmpty();

    Disk& disk_;
    const std::string folder_;
    LocalStore store_;
    std::optional<FileLock> lock_;
};

/// Replicates `from` into it, as runReplicate, with so much bandwidth and some patience with both.
ReplicateResult replicateInto(ReplicaFolder& replica, ObjectStore& from,
                              const ReplicateSettings& settings, const BandwidthSchedule& bandwidth,
                              const Clock& clock, RunProgress& progress, ProblemLog& problems,
                              const CancelToken& cancel);

}  // namespace coffer
