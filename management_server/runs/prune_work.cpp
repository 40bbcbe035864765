#include "management_server/runs/prune_work.h"

#include "core/pipeline/prune_job.h"
#include "core/rpc/convert.h"

namespace coffer {

namespace {

void add(RunTexts& counts, const std::string& name, const PruneCount& count) {
    counts[name + "-packs"] = std::to_string(count.packs);
    counts[name + "-bytes"] = std::to_string(count.bytes);
}

RunTexts countsOf(const PruneResult& result, std::uint64_t problems) {
    RunTexts counts{{"packs", std::to_string(result.before.packs)},
                    {"stored-bytes", std::to_string(result.before.bytes)},
                    {"dead-bytes", std::to_string(result.dead)},
                    {"revived-packs", std::to_string(result.revived)},
                    {"checkpoints", std::to_string(result.checkpoints)},
                    {"leftovers", std::to_string(result.leftovers)},
                    {"leftover-bytes", std::to_string(result.leftoverBytes)},
                    {"problems", std::to_string(problems)}};
    add(counts, "unneeded", result.unneeded);
    add(counts, "repacked", result.repacked);
    add(counts, "written", result.written);
    add(counts, "deleted", result.deleted);
    add(counts, "waiting", result.waiting);
    add(counts, "interrupted", result.interrupted);
    add(counts, "postponed", result.postponed);
    return counts;
}

}  // namespace

ServerVerdict pruneWork(const ServerTask& task) {
    const RunTexts& options = task.run.options;
    PruneSettings settings;
    settings.preview = rpc::truthIn(options, "preview", false);
    settings.interrupted = rpc::truthIn(options, "interrupted", false);
    settings.repackAt =
        static_cast<unsigned>(rpc::numberIn(options, "repack-at", settings.repackAt));
    const PruneResult result =
        runPrune(task.repository, settings, task.progress, task.problems, task.cancel);
    ServerVerdict verdict;
    verdict.outcome = result.complete(task.problems) ? RunOutcome::succeeded : RunOutcome::warnings;
    verdict.counts = countsOf(result, task.problems.count());
    if (result.postponed.packs > 0) {
        verdict.message = "no room to repack " + std::to_string(result.postponed.packs) + " packs";
    } else if (task.problems.count() > 0) {
        verdict.message = std::to_string(task.problems.count()) + " packs could not be copied";
    }
    return verdict;
}

}  // namespace coffer
