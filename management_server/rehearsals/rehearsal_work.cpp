#include "management_server/rehearsals/rehearsal_work.h"

#include "core/pipeline/rehearsal_job.h"
#include "core/rpc/convert.h"
#include "core/snapshot/snapshot_catalog.h"
#include "management_server/rehearsals/rehearsal_folder.h"

namespace coffer {

namespace {

RunTexts countsOf(const RehearsalResult& result, std::uint64_t problems) {
    return {{"files", std::to_string(result.files)},   {"folders", std::to_string(result.folders)},
            {"others", std::to_string(result.others)}, {"bytes", std::to_string(result.bytes)},
            {"left", std::to_string(result.left)},     {"refused", std::to_string(result.refused)},
            {"problems", std::to_string(problems)}};
}

ServerVerdict rehearse(const ServerTask& task, const std::string& scratch, SourceProofs& proofs) {
    const Snapshot snapshot = findSnapshot(task.repository, task.run.snapshot);
    RehearsalSettings settings;
    settings.paths = task.run.what;
    settings.percent = static_cast<unsigned>(rpc::numberIn(task.run.options, "sample", 100));
    settings.workers = static_cast<unsigned>(rpc::numberIn(task.run.options, "workers", 0));
    const RehearsalFolder folder(scratch);
    const RehearsalResult result = runRehearsal(task.repository, snapshot, settings, folder.path(),
                                                task.progress, task.problems, task.cancel);
    const std::uint64_t problems = task.problems.count();
    ServerVerdict verdict;
    verdict.counts = countsOf(result, problems);
    if (problems > 0) {
        verdict.message =
            "DAMAGED: not as the snapshot says, " + std::to_string(problems) + " problems in all";
        return verdict;
    }
    proofs.note({task.run.repository, snapshot.agent, snapshot.paths, snapshot.id,
                 task.repository.clock().now(), settings.percent, settings.paths.empty(),
                 task.run.number});
    verdict.outcome = RunOutcome::succeeded;
    return verdict;
}

}  // namespace

ServerWork rehearsalWork(const std::string& scratch, SourceProofs& proofs) {
    return [scratch, &proofs](const ServerTask& task) { return rehearse(task, scratch, proofs); };
}

}  // namespace coffer
