// What changes the book: a page is one transaction.
#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "management_server/runs/run_announcement.h"
#include "management_server/runs/run_book.h"
#include "management_server/runs/run_queue_entry.h"

namespace coffer {

namespace {

LogLevel levelOf(RunState state) {
    if (state == RunState::failed) return LogLevel::error;
    return state == RunState::warnings ? LogLevel::warning : LogLevel::info;
}

}  // namespace

std::optional<RunRecord> RunBook::Page::find(std::int64_t number) {
    std::optional<RunRecord> run = table_.find(number);
    if (run) book_.overlay(*run);
    return run;
}

RunRecord RunBook::Page::get(std::int64_t number) {
    if (auto run = find(number)) return std::move(*run);
    throw unknownRun(number);
}

std::vector<RunRecord> RunBook::Page::active(const std::string& agent) {
    std::vector<RunRecord> runs = table_.active(agent);
    for (RunRecord& run : runs) book_.overlay(run);
    return runs;
}

std::vector<RunRecord> RunBook::Page::active() {
    std::vector<RunRecord> runs = table_.active();
    for (RunRecord& run : runs) book_.overlay(run);
    return runs;
}

void RunBook::Page::checkRoom(const std::string& agent) {
    if (table_.countActive(agent) >= book_.limits_.activeOfAgent) {
        throw Error(ErrorCode::limitExceeded, agent.empty()
                                                  ? "too many runs of the server's own wait"
                                                  : "too many runs of agent " + agent + " wait");
    }
    if (table_.countActive() >= book_.limits_.activeRuns) {
        throw Error(ErrorCode::limitExceeded, "too many runs wait");
    }
}

void RunBook::Page::add(RunRecord& run) {
    checkRoom(run.agent);
    if (table_.usesRemoved(run)) {
        throw Error(ErrorCode::conflict, "the repository was removed just now");
    }
    run.ordered = now_;
    run.number = table_.insert(run);
    table_.prune(book_.limits_.runs);
    Timestamp before = now_;
    before.seconds -= book_.limits_.logSeconds;
    log_.prune(book_.limits_.logEntries, before);
    place(run);
    changes_.steps.push_back({std::nullopt, run});
}

// What the last attempt left is not what the next one finds.
void RunBook::Page::reopen(RunRecord& run) {
    run.ended.reset();
    run.started.reset();
    run.committed.reset();
    run.counts.clear();
    run.heldAt.reset();
    run.heldSeconds = 0;
    if (run.kind == run_kind::backup) run.snapshot.clear();
    setProblems(run, {});
    run.problems = 0;
}

void RunBook::Page::move(RunRecord& run, const RunStand& next, const std::string& message) {
    if (next == run.stand) return;
    const RunStand before = std::exchange(run.stand, next);
    const bool moved = before.state != next.state;
    if (hasEnded(before.state) && moved) reopen(run);
    if (moved) {
        // Why it was asked to stop says more than how it was found to have stopped.
        const bool isToldWhy = before.cancelling && next.state == RunState::cancelled;
        const bool isHeld = next.hold != RunHold::none && next.hold == before.hold;
        if (!(isToldWhy || isHeld) || run.message.empty()) run.message = message;
        run.phase.clear();
        if (next.state == RunState::running) {
            run.phase = "starting";
            if (!run.started) run.started = now_;
            book_.live_.begin(run.number, {run.agent, next.attempt, run.phase, run.counts});
        } else {
            book_.live_.end(run.number);
        }
        if (next.state == RunState::verifying) run.committed = now_;
        if (hasEnded(next.state)) run.ended = now_;
        if (isWorkOver(next.state)) {
            book_.efforts_.with([&](auto& efforts) { efforts.erase(run.number); });
        }
    }
    countHeld(run);
    table_.update(run);
    place(run);
    changes_.steps.push_back({before, run});
}

// The time in which a run is held back, up to when it is at work again.
void RunBook::Page::countHeld(RunRecord& run) {
    const RunStand& stand = run.stand;
    if (stand.state == RunState::parked && stand.hold != RunHold::none) {
        if (!run.heldAt && run.started) run.heldAt = now_;
        // What was tried in vain before is no reason to be slow afterwards.
        book_.efforts_.with([&](auto& efforts) { efforts.erase(run.number); });
    } else if (stand.state == RunState::running && run.heldAt) {
        run.heldSeconds += std::max<std::int64_t>(now_.seconds - run.heldAt->seconds, 0);
        run.heldAt.reset();
    }
}

void RunBook::Page::place(const RunRecord& run) {
    changes_.isQueueTouched = true;
    book_.queue_.with([&](Queue& queue) { enterInQueue(queue.runs, run); });
}

void RunBook::Page::save(const RunRecord& run) {
    table_.update(run);
    place(run);
}

void RunBook::Page::correct(std::int64_t number) {
    const std::optional<RunRecord> run = table_.find(number);
    book_.queue_.with(
        [&](Queue& queue) { run ? enterInQueue(queue.runs, *run) : queue.runs.remove(number); });
}

void RunBook::Page::setProblems(const RunRecord& run,
                                const std::vector<RunProblemRecord>& problems) {
    table_.setProblems(run.number, problems);
    addLines(run, LogLevel::warning, problems);
}

void RunBook::Page::addProblems(RunRecord& run, const std::vector<RunProblemRecord>& problems) {
    std::vector<RunProblemRecord> all = table_.problems(run.number);
    all.insert(all.end(), problems.begin(), problems.end());
    if (all.size() > mostProblems) all.resize(mostProblems);
    table_.setProblems(run.number, all);
    run.problems += problems.size();
    addLines(run, LogLevel::error, problems);
}

void RunBook::Page::addLines(const RunRecord& run, LogLevel level,
                             const std::vector<RunProblemRecord>& lines) {
    for (const RunProblemRecord& line : lines) {
        log_.add({.run = run.number,
                  .time = now_,
                  .level = level,
                  .code = line.code,
                  .where = line.path,
                  .message = line.message});
    }
}

void RunBook::Page::logSteps() {
    for (const Step& step : changes_.steps) {
        const RunAnnouncement what = announcementOf(step.before, step.run);
        if (what.kind.empty()) continue;
        log_.add({.run = step.run.number,
                  .time = now_,
                  .level = levelOf(step.run.stand.state),
                  .code = what.kind,
                  .message = what.text});
    }
}

}  // namespace coffer
