#include "management_server/runs/repair_work.h"

#include <algorithm>

#include "core/pipeline/repair_job.h"
#include "core/rpc/convert.h"

namespace coffer {

namespace {

template <class Number>
std::string sumOf(const RepairPlan& plan, Number PackRepair::*number) {
    std::uint64_t sum = 0;
    for (const PackRepair& pack : plan.packs) sum += pack.*number;
    return std::to_string(sum);
}

RunTexts countsOf(const RepairPlan& plan, const RepairResult& result) {
    const auto unreadable = std::ranges::count(plan.packs, false, &PackRepair::readable);
    const DamageReport& lost = plan.damage;
    return {{"damaged-packs", std::to_string(plan.packs.size())},
            {"unreadable-packs", std::to_string(unreadable)},
            {"to-condemn-packs", sumOf(plan, &PackRepair::condemn)},
            {"saved-chunks", sumOf(plan, &PackRepair::savedChunks)},
            {"salvage-chunks", sumOf(plan, &PackRepair::salvageChunks)},
            {"salvage-bytes", sumOf(plan, &PackRepair::salvageBytes)},
            {"lost-chunks", sumOf(plan, &PackRepair::lostChunks)},
            {"written-packs", std::to_string(result.written.size())},
            {"condemned-packs", std::to_string(result.condemned.size())},
            {"touched-entries", std::to_string(lost.entries.size() + lost.more)},
            {"touched-snapshots", std::to_string(lost.snapshots.size())}};
}

}  // namespace

ServerVerdict repairWork(const ServerTask& task) {
    const RepairPlan plan = planRepair(task.repository, task.cancel);
    RepairResult result;
    if (!rpc::truthIn(task.run.options, "preview", false) && !plan.packs.empty()) {
        result = runRepair(task.repository, plan, task.progress, task.cancel);
    }
    for (const TouchedEntry& entry : plan.damage.entries) {
        task.problems.add(entry.path, ErrorCode::corrupt, entry.message());
    }
    ServerVerdict verdict;
    verdict.counts = countsOf(plan, result);
    verdict.outcome = plan.damage.empty() ? RunOutcome::succeeded : RunOutcome::warnings;
    if (!plan.damage.empty()) {
        verdict.message = "LOST: something in " + std::to_string(plan.damage.snapshots.size()) +
                          " snapshots, unless a backup brings it again";
    }
    return verdict;
}

}  // namespace coffer
