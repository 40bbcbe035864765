#include "management_server/runs/replicate_work.h"

#include "core/base/pause.h"
#include "core/pipeline/replica_folder.h"
#include "core/pipeline/replicate_job.h"
#include "core/rpc/convert.h"
#include "core/storage/read_only_store.h"

namespace coffer {

namespace {

RunTexts countsOf(const ReplicateResult& result, std::uint64_t problems) {
    return {{"generation", std::to_string(result.generation)},
            {"objects", std::to_string(result.objects)},
            {"copied", std::to_string(result.copied)},
            {"copied-bytes", std::to_string(result.copiedBytes)},
            {"verified", std::to_string(result.verified)},
            {"healed", std::to_string(result.healed)},
            {"removed", std::to_string(result.removed)},
            {"missing", std::to_string(result.missing)},
            {"problems", std::to_string(problems)}};
}

ServerVerdict replicate(const ServerTask& task, Disk& disk, const std::vector<std::string>& taken) {
    const auto schedule = BandwidthSchedule::parse(rpc::textIn(task.run.options, "limit", "none"));
    ReplicateSettings settings;
    settings.verify = rpc::truthIn(task.run.options, "verify", false);
    ReplicaFolder replica(disk, task.run.target, taken);
    ReadOnlyStore from(task.repository.store());
    const ReplicateResult result =
        replicateInto(replica, from, settings, schedule, task.repository.clock(), task.progress,
                      task.problems, task.cancel);
    const std::uint64_t problems = task.problems.count();
    ServerVerdict verdict;
    verdict.counts = countsOf(result, problems);
    verdict.outcome = problems > 0 ? RunOutcome::warnings : RunOutcome::succeeded;
    if (problems > 0) {
        verdict.message = "DAMAGED: " + std::to_string(result.missing) +
                          " packs and snapshots could not be copied, " + std::to_string(problems) +
                          " problems in all";
    }
    return verdict;
}

}  // namespace

ServerWork replicateWork(Disk& disk, std::function<std::vector<std::string>()> taken) {
    return [&disk, taken = std::move(taken)](const ServerTask& task) {
        return replicate(task, disk, taken());
    };
}

}  // namespace coffer
