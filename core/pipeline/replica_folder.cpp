#include "core/pipeline/replica_folder.h"

#include "core/base/error.h"
#include "core/base/paths.h"
#include "core/base/printable.h"
#include "core/base/retry.h"
#include "core/repository/local_folder.h"
#include "core/source/enclosing_repository.h"
#include "core/storage/retrying_store.h"
#include "core/storage/throttling_store.h"

namespace coffer {

namespace {

// What every new file system has, and what a replication itself puts beside the objects.
bool maySeeBefore(const std::string& name) {
    return name == "lost+found" || name == "lock" || name == "README.txt" || name == "tmp";
}

}  // namespace

ReplicaFolder::ReplicaFolder(Disk& disk, const std::string& folder,
                             std::span<const std::string> taken)
    : disk_(disk), folder_(disk.canonical(folder)), store_(disk, folder_) {
    for (const std::string& other : taken) {
        if (!isWithin(folder_, other) && !isWithin(other, folder_)) continue;
        throw Error(ErrorCode::invalidArgument,
                    "the replica has to be in a folder apart from " + printable(other));
    }
    requireOutsideRepositories(folder_);
    makeFolders(disk, folder_);
    if (!disk.stat(folder_ + "/store")) requireEmpty();  // nothing is put into others' folders
    lock_.emplace(FileLock::take(folder_ + "/lock"));
    writeReadme(disk, folder_);
    store_.clearTemporary();
}

void ReplicaFolder::requireEmpty() {
    for (const DiskEntry& entry : disk_.list(folder_)) {
        if (maySeeBefore(entry.name)) continue;
        throw Error(ErrorCode::alreadyExists, printable(folder_) +
                                                  " is neither a replica nor empty: it holds " +
                                                  printable(entry.name.substr(0, 100)));
    }
}

ReplicateResult replicateInto(ReplicaFolder& replica, ObjectStore& from,
                              const ReplicateSettings& settings, const BandwidthSchedule& bandwidth,
                              const Clock& clock, RunProgress& progress, ProblemLog& problems,
                              const CancelToken& cancel) {
    const Pause pause = pauseUnless(cancel);
    RetryingStore source(from, {}, pause);
    Throttle throttle(bandwidth, clock, pause);
    ThrottlingStore throttled(replica.store(), throttle);
    RetryingStore target(throttled, {}, pause);
    return runReplicate(source, target, settings, Retry({}, pause), progress, problems, cancel);
}

}  // namespace coffer
