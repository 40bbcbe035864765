#include "management_server/runs/agent_runs.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "core/agent/run_order.h"
#include "core/base/error.h"
#include "core/service/log.h"
#include "management_server/runs/run_snapshot.h"

namespace coffer {

namespace {

constexpr std::size_t longestPhase = 40;

// Not of the last attempt, or of none that was ordered.
bool isStale(const RunRecord& run, std::uint32_t attempt) {
    return attempt == 0 || run.stand.attempt != attempt;
}

std::string lostInVain() {
    return "interrupted " + std::to_string(RunEffort::mostFruitless) +
           " times without getting any further";
}

bool isWorkDone(RunOutcome outcome) {
    return outcome == RunOutcome::succeeded || outcome == RunOutcome::warnings;
}

/// What an agent says of its runs, by their numbers.
class Words {
  public:
    Words(const Coffer::RunProgressList& active, const std::vector<std::int64_t>& unreported)
        : active_(active), unreported_(unreported.begin(), unreported.end()) {
        for (CORBA::ULong i = 0; i < active.length(); ++i) at_.insert_or_assign(active[i].run, i);
    }

    const Coffer::RunProgress* workOf(const RunRecord& run) const {
        const auto found = at_.find(run.number);
        if (found == at_.end()) return nullptr;
        const Coffer::RunProgress& work = active_[found->second];
        return isStale(run, work.attempt) ? nullptr : &work;
    }

    /// Whose result is known, or who was never ordered, cannot be at work.
    AgentWord of(const RunRecord& run) const {
        if (run.stand.resultTaken || run.stand.attempt == 0) return AgentWord::nothing;
        if (workOf(run)) return AgentWord::works;
        return unreported_.contains(run.number) ? AgentWord::hasResult : AgentWord::nothing;
    }

    /// Numbers of runs that are at work.
    template <class Each>
    void forEachWork(Each&& each) const {
        for (const auto& [run, at] : at_) each(run);
    }

  private:
    const Coffer::RunProgressList& active_;
    std::map<std::int64_t, CORBA::ULong> at_;
    std::set<std::int64_t> unreported_;
};

LiveRun liveOf(const RunRecord& run, const Coffer::RunProgress* work) {
    LiveRun live;
    live.agent = run.agent;
    live.attempt = run.stand.attempt;
    live.phase = work ? boundedText(work->phase.in(), longestPhase) : "finishing";
    live.counts = work ? readCounts(work->counts) : run.counts;
    live.announced = !work;
    return live;
}

}  // namespace

void AgentRuns::attached(const std::string& agent, const Coffer::RunProgressList& active,
                         const std::vector<std::int64_t>& unreported) {
    const Words words(active, unreported);
    book_.change([&](RunBook::Page& page) {
        desk_.arrive(agent);
        std::set<std::int64_t> present;
        for (RunRecord& run : page.active(agent)) {
            present.insert(run.number);
            const AgentWord word = words.of(run);
            settle(page, run, word);
            if (word == AgentWord::nothing) continue;
            book_.live().begin(run.number, liveOf(run, words.workOf(run)));
            const bool isToStop = run.stand.cancelling || run.stand.hold != RunHold::none;
            if (isToStop) desk_.cancel(agent, run.number);
        }
        // What was cancelled while it was away, and what never was its business.
        words.forEachWork([&](std::int64_t run) {
            if (!present.contains(run)) desk_.cancel(agent, run);
        });
    });
}

// Enters what the agent's word means for a run that has not ended.
void AgentRuns::settle(RunBook::Page& page, RunRecord& run, AgentWord word) {
    const RunStand before = run.stand;
    RunStand next = agentBack(before, word);
    const bool isOrdered = next.state == RunState::queued || next.state == RunState::waiting;
    if (!isOrdered || before.attempt == 0) {
        page.move(run, next);
        if (next.state == RunState::queued) desk_.order(run.agent, run.number);
        return;
    }
    // An attempt whose result was taken has been counted as lost already.
    const RunEffort effort = before.resultTaken ? book_.effort(run.number) : book_.lost(run);
    if (effort.exhausted()) {
        next.state = RunState::failed;
        page.move(run, next, lostInVain());
        return;
    }
    page.move(run, next, before.resultTaken ? run.message : "the agent has lost it");
    if (next.state == RunState::queued) desk_.order(run.agent, run.number, effort.pause());
}

void AgentRuns::detached(const std::string& agent) {
    book_.change([&](RunBook::Page& page) {
        desk_.leave(agent);
        for (RunRecord& run : page.active(agent)) {
            page.move(run, agentAway(run.stand), agentIsAway);
        }
    });
}

void AgentRuns::progress(const std::string& agent, const Coffer::RunProgress& news) {
    book_.live().take(agent, news.run, news.attempt, boundedText(news.phase.in(), longestPhase),
                      readCounts(news.counts), book_.clock().now());
}

void AgentRuns::finished(const std::string& agent, const Coffer::RunResult& result) {
    const RunResultRecord record = readResult(result);
    const RunRecord seen = book_.get(record.run);
    // An agent learns nothing of the runs of others, not even that they are there.
    if (seen.agent != agent || seen.isOfServer()) {
        log(LogLevel::warning, "run.foreign-result",
            {{"run", std::to_string(record.run)}, {"agent", agent}});
        throw Error(ErrorCode::notFound, "there is no run " + std::to_string(record.run));
    }
    const RunResultRecord sound = checked(seen, record);
    book_.change([&](RunBook::Page& page) {
        RunRecord run = page.get(sound.run);
        if (!isStale(run, sound.attempt)) return enter(page, run, sound);
        log(LogLevel::info, "run.stale-result",
            {{"run", std::to_string(run.number)}, {"attempt", std::to_string(sound.attempt)}});
        // The result that was announced was this one: of the last attempt nobody knows.
        const std::optional<LiveRun> live = book_.live().of(run.number);
        if (run.stand.state == RunState::running && live && live->announced) {
            settle(page, run, AgentWord::nothing);
        }
    });
}

// An agent's word that a backup was made is not enough: its snapshot has to be there. Nor is its
// word that it was not, when it is: an attempt before had committed.
RunResultRecord AgentRuns::checked(const RunRecord& run, RunResultRecord result) {
    if (run.kind != run_kind::backup || isStale(run, result.attempt) || run.stand.resultTaken ||
        result.outcome == RunOutcome::cancelled) {
        return result;
    }
    if (!isWorkDone(result.outcome)) return committed(run).value_or(result);
    if (const auto repository = repositoryWith(run, result.snapshot)) {
        const SnapshotId snapshot = SnapshotId::from(fromHex(result.snapshot));
        result.isUnverified = !unprovenPacksOf(*repository, snapshot, run.generation).empty();
        return result;
    }
    result.outcome = RunOutcome::failed;
    result.message = "the agent reports success, but the repository has no such snapshot of it";
    result.snapshot.clear();
    return result;
}

// A repository that cannot be looked into does not keep a run from ending.
std::optional<RunResultRecord> AgentRuns::committed(const RunRecord& run) {
    try {
        return resultOfCommit(run, calls_.identity(run.agent).id,
                              *repositories_.open(run.repository));
    } catch (const Error& error) {
        log(LogLevel::warning, "run.commit-unknown",
            {{"run", std::to_string(run.number)}, {"message", error.what()}});
        return {};
    }
}

// Nothing unless the snapshot is there, and that agent's.
std::shared_ptr<Repository> AgentRuns::repositoryWith(const RunRecord& run,
                                                      const std::string& snapshot) {
    if (snapshot.empty()) return nullptr;
    try {
        auto repository = repositories_.open(run.repository);
        const auto found = repository->ledger().snapshot(SnapshotId::from(fromHex(snapshot)));
        const bool isIts = found && found->registration.agent == calls_.identity(run.agent).id;
        return isIts ? repository : nullptr;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound) throw;
        return nullptr;
    }
}

void AgentRuns::enter(RunBook::Page& page, RunRecord& run, const RunResultRecord& result) {
    if (run.stand.resultTaken) return;
    page.addLines(run, LogLevel::info, result.remarks);
    if (result.outcome == RunOutcome::interrupted && !hasEnded(run.stand.state)) {
        return enterInterrupted(page, run, result);
    }
    if (!result.counts.empty()) run.counts = result.counts;
    if (run.kind == run_kind::backup) run.snapshot = result.snapshot;
    page.setProblems(run, result.problems);
    run.problems = result.problemCount;
    RunStand next = resultCame(run.stand, result.attempt, result.outcome, false);
    if (result.isUnverified && !hasEnded(run.stand.state)) next = proofAwaited(next);
    if (hasEnded(run.stand.state) && isWorkDone(result.outcome)) {
        run.message = "it was done already when it was given up";
    }
    page.move(run, next, result.message);
}

void AgentRuns::enterInterrupted(RunBook::Page& page, RunRecord& run,
                                 const RunResultRecord& result) {
    // Other problems come again with the next attempt, these need not.
    std::vector<RunProblemRecord> hooks = result.problems;
    std::erase_if(hooks, [](const auto& problem) { return problem.code != hookFailedCode; });
    page.addLines(run, LogLevel::warning, hooks);
    if (!result.counts.empty()) run.counts = result.counts;
    const RunEffort effort = book_.lost(run);
    const RunStand next =
        resultCame(run.stand, result.attempt, result.outcome, !effort.exhausted());
    const std::string why = result.message.empty() ? "it was interrupted" : result.message;
    page.move(run, next, next.state == RunState::failed ? lostInVain() + ": " + why : why);
    if (next.state == RunState::queued) desk_.order(run.agent, run.number, effort.pause());
}

void AgentRuns::revoked(const std::string& agent) {
    book_.change([&](RunBook::Page& page) {
        desk_.leave(agent);
        for (RunRecord& run : page.active(agent)) {
            page.move(run, agentRevoked(run.stand), "the agent has been revoked");
        }
    });
}

}  // namespace coffer
