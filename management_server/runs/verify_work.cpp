#include "management_server/runs/verify_work.h"

#include "core/pipeline/verify_job.h"
#include "core/rpc/convert.h"

namespace coffer {

namespace {

RunTexts countsOf(const VerifyResult& result, std::uint64_t problems) {
    return {
        {"packs", std::to_string(result.packs)},
        {"chunks", std::to_string(result.chunks)},
        {"snapshots", std::to_string(result.snapshots)},
        {"bytes", std::to_string(result.storedBytes)},
        {"stored-bytes", std::to_string(result.storedBytes)},
        {"raw-bytes", std::to_string(result.rawBytes)},
        {"damaged-packs", std::to_string(result.damaged.size())},
        {"replaced-packs", std::to_string(result.replaced.size())},
        {"leftovers", std::to_string(result.unregistered.size())},
        {"touched-entries", std::to_string(result.touched.entries.size() + result.touched.more)},
        {"touched-snapshots", std::to_string(result.touched.snapshots.size())},
        {"problems", std::to_string(problems)}};
}

}  // namespace

ServerVerdict verifyWork(const ServerTask& task) {
    const RunTexts& options = task.run.options;
    VerifySettings settings;
    settings.workers = static_cast<unsigned>(rpc::numberIn(options, "workers", 0));
    const auto depth = options.find("depth");
    if (depth != options.end()) settings.depth = VerifyDepth::parse(depth->second);
    const VerifyResult result =
        runVerify(task.repository, settings, task.progress, task.problems, task.cancel);
    ServerVerdict verdict;
    verdict.counts = countsOf(result, task.problems.count());
    if (result.sound(task.problems)) {
        verdict.outcome = RunOutcome::succeeded;
    } else {
        verdict.message = "DAMAGED: " + std::to_string(result.damaged.size()) + " packs, " +
                          std::to_string(task.problems.count()) + " problems in all";
    }
    return verdict;
}

}  // namespace coffer
