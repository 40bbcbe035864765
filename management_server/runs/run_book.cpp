#include "management_server/runs/run_book.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/service/log.h"
#include "management_server/runs/sync_choice.h"

namespace coffer {

namespace {

Error noRun(std::int64_t number) {
    return {ErrorCode::notFound, "there is no run " + std::to_string(number)};
}

struct Announcement {
    std::string kind;  // empty: nothing to tell
    std::string text;
};

std::string attemptText(const RunRecord& run) {
    return run.stand.attempt > 1 ? ", attempt " + std::to_string(run.stand.attempt) : "";
}

std::string because(const RunRecord& run) {
    return run.message.empty() ? "" : ": " + run.message;
}

Announcement announcementOf(const std::optional<RunStand>& before, const RunRecord& run) {
    const RunState now = run.stand.state;
    if (!before) return {"run-ordered", "ordered by " + run.user};
    if (hasEnded(now)) {
        if (hasEnded(before->state)) return {};
        return {"run-ended", std::string(nameOf(now)) + because(run)};
    }
    // Also while it was asked to stop for a while: that has come to nothing.
    if (now == RunState::verifying && before->state != now) {
        return {"run-committed", "committed, and is being verified" + because(run)};
    }
    const bool isReleased = before->hold != RunHold::none && run.stand.hold == RunHold::none;
    if (hasEnded(before->state) || (isReleased && !run.stand.cancelling)) {
        return {"run-resumed", "is to go on"};
    }
    if (run.stand.cancelling && !before->cancelling) {
        return {"run-cancelling", "asked to stop" + because(run)};
    }
    if (before->hold != run.stand.hold) {
        if (now == RunState::parked) return {"run-parked", "waits" + because(run)};
        return {"run-parking", "asked to stop for a while" + because(run)};
    }
    if (before->state == now) return {};
    if (now == RunState::parked) return {"run-parked", "waits" + because(run)};
    if (now == RunState::running) return {"run-started", "at work" + attemptText(run)};
    if (before->state == RunState::running)
        return {"run-interrupted", "is to go on" + because(run)};
    return {};
}

RunLane laneOf(const RunRecord& run) {
    return {run.agent, run.repository, run.window, run.window.empty() ? "" : run.zone,
            folderUsesOf(run)};
}

// Nothing for one that neither wants a slot nor has one.
std::optional<RunQueue::Standing> standingOf(const RunStand& stand) {
    switch (stand.state) {
        case RunState::waiting:
            return RunQueue::Standing::waiting;
        case RunState::queued:
            return RunQueue::Standing::atWork;
        case RunState::running:
            if (stand.cancelling || stand.hold != RunHold::none) {
                return RunQueue::Standing::stopping;
            }
            return RunQueue::Standing::atWork;
        case RunState::parked:
            if (stand.hold == RunHold::window) return RunQueue::Standing::asleep;
            return {};
        default:
            return {};
    }
}

void enter(RunQueue& queue, const RunRecord& run) {
    const auto standing = standingOf(run.stand);
    standing ? queue.put(run.number, *standing, run.priority, laneOf(run))
             : queue.remove(run.number);
}

std::string lackText(const RunRecord& run, RunLack lack, const std::optional<Timestamp>& opens) {
    switch (lack) {
        case RunLack::window:
            return "waiting for its window" +
                   (opens ? ", which opens at " + toIso8601(*opens) : std::string());
        case RunLack::agent:
            return "waiting for a slot of agent " + run.agent;
        case RunLack::repository:
            return "waiting for a slot of repository " + run.repository;
        case RunLack::folder:
            return "waiting for a folder";
        case RunLack::server:
            return "waiting for a slot of the server";
        case RunLack::nothing:
            break;
    }
    return "about to begin";
}

std::string holderText(const RunQueue::Holder& holder) {
    return "waiting for folder " + printable(holder.folder.text()) +
           (holder.isAtWork ? ", held by run " : ", behind run ") + std::to_string(holder.run);
}

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
    throw noRun(number);
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
    book_.queue_.with([&](Queue& queue) { enter(queue.runs, run); });
}

void RunBook::Page::save(const RunRecord& run) {
    table_.update(run);
    place(run);
}

void RunBook::Page::correct(std::int64_t number) {
    const std::optional<RunRecord> run = table_.find(number);
    book_.queue_.with(
        [&](Queue& queue) { run ? enter(queue.runs, *run) : queue.runs.remove(number); });
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
        const Announcement what = announcementOf(step.before, step.run);
        if (what.kind.empty()) continue;
        log_.add({.run = step.run.number,
                  .time = now_,
                  .level = levelOf(step.run.stand.state),
                  .code = what.kind,
                  .message = what.text});
    }
}

RunLogPage RunBook::logOf(std::int64_t run, const RunLogFilter& filter, std::uint64_t after,
                          std::uint32_t atMost) const {
    filter.check();
    return database_.read([&](SqlDatabase& database) {
        RunLogPage page = RunLogTable(database).read(run, filter, after, atMost);
        // The log may outlive its run.
        if (page.entries.empty() && after == 0 && !page.more && !RunTable(database).find(run)) {
            throw noRun(run);
        }
        return page;
    });
}

std::optional<RunRecord> RunBook::find(std::int64_t number) const {
    std::optional<RunRecord> run =
        database_.read([&](SqlDatabase& database) { return RunTable(database).find(number); });
    if (!run) return run;
    std::vector<RunRecord> shown{std::move(*run)};
    explain(shown);
    return std::move(shown.front());
}

RunRecord RunBook::get(std::int64_t number) const {
    std::optional<RunRecord> run = find(number);
    if (!run) throw noRun(number);
    return std::move(*run);
}

std::vector<RunRecord> RunBook::verifying() const {
    return database_.read([](SqlDatabase& database) { return RunTable(database).verifying(); });
}

std::vector<RunRecord> RunBook::newest(std::int64_t before, std::uint32_t atMost) const {
    std::vector<RunRecord> runs = database_.read(
        [&](SqlDatabase& database) { return RunTable(database).newest(before, atMost); });
    explain(runs);
    return runs;
}

std::vector<RunRecord> RunBook::queued(std::uint32_t atMost, const IsWanted& isWanted) const {
    std::vector<std::int64_t> numbers =
        queue_.with([](const Queue& queue) { return queue.runs.inTurn(); });
    const std::vector<std::int64_t> parked =
        database_.read([](SqlDatabase& database) { return RunTable(database).parked(); });
    numbers.insert(numbers.end(), parked.begin(), parked.end());
    std::vector<RunRecord> runs;
    // One by one: nobody waits for the database while others are asked.
    for (const std::int64_t number : numbers) {
        if (runs.size() == atMost) break;
        auto run =
            database_.read([&](SqlDatabase& database) { return RunTable(database).find(number); });
        const bool isIdle =
            run && (run->stand.state == RunState::waiting || run->stand.state == RunState::parked);
        if (isIdle && isWanted(*run)) runs.push_back(std::move(*run));
    }
    explain(runs);
    return runs;
}

void RunBook::setLimits(const Limits& limits, const RunQueue::Limits& slots) {
    database_.read([&](SqlDatabase&) { limits_ = limits; });
    queue_.with([&](Queue&) { slots_ = slots; });
}

RunQueue::Plan RunBook::plan() const {
    const Timestamp now = clock_.now();
    return queue_.with([&](Queue& queue) { return queue.runs.plan(slots_, queue.openAt(now)); });
}

bool RunBook::fillQueue(SqlDatabase& database) {
    return queue_.with([&](Queue& queue) {
        if (!std::exchange(queue.isStale, false)) return false;
        queue.runs = {};
        for (const RunRecord& run : RunTable(database).active()) enter(queue.runs, run);
        return true;
    });
}

bool RunBook::isQueueStale() const {
    return queue_.with([](const Queue& queue) { return queue.isStale; });
}

std::optional<Timestamp> RunBook::lastOrdered(const std::string& task,
                                              const std::string& agent) const {
    return database_.read(
        [&](SqlDatabase& database) { return RunTable(database).lastOrdered(task, agent); });
}

std::vector<RunRecord> RunBook::begunOfTasks() const {
    std::vector<RunRecord> runs =
        database_.read([](SqlDatabase& database) { return RunTable(database).begunOfTasks(); });
    for (RunRecord& run : runs) overlay(run);
    return runs;
}

std::vector<BackupHistory> RunBook::backupHistories(const std::string& repository) const {
    return database_.read(
        [&](SqlDatabase& database) { return RunTable(database).backupHistories(repository); });
}

std::vector<RunProblemRecord> RunBook::problems(std::int64_t number) const {
    return database_.read([&](SqlDatabase& database) {
        RunTable table(database);
        if (!table.find(number)) throw noRun(number);
        return table.problems(number);
    });
}

void RunBook::keepProgress() {
    const std::map<std::int64_t, LiveRun> changed = live_.takeChanged();
    if (changed.empty()) return;
    database_.change([&](SqlDatabase& database) {
        RunTable table(database);
        for (const auto& [number, live] : changed) {
            table.updateProgress(number, live.attempt, live.phase, live.counts);
        }
    });
}

RunEffort RunBook::lost(const RunRecord& run) {
    return efforts_.with([&](auto& efforts) {
        RunEffort& effort = efforts[run.number];
        effort.lost(run.counts);
        return effort;
    });
}

RunEffort RunBook::effort(std::int64_t run) const {
    return efforts_.with([&](const auto& efforts) {
        const auto found = efforts.find(run);
        return found == efforts.end() ? RunEffort() : found->second;
    });
}

std::chrono::seconds RunBook::pauseOf(std::int64_t run) const {
    return efforts_.with([&](const auto& efforts) {
        const auto found = efforts.find(run);
        return found == efforts.end() ? std::chrono::seconds(0) : found->second.pause();
    });
}

// As users see them: why a run waits is not written down, for it changes with what others do.
void RunBook::explain(std::vector<RunRecord>& runs) const {
    const Timestamp now = clock_.now();
    for (RunRecord& run : runs) {
        overlay(run);
        const bool isAsleep =
            run.stand.state == RunState::parked && run.stand.hold == RunHold::window;
        if (run.stand.state != RunState::waiting && !isAsleep) continue;
        queue_.with([&](Queue& queue) {
            const RunLack lack = queue.runs.lackOf(laneOf(run), slots_, queue.openAt(now));
            std::optional<Timestamp> opens;
            if (lack == RunLack::window) opens = queue.windows.opensAt(run.window, run.zone, now);
            run.message = lackText(run, lack, opens);
            const bool mayBeFolder = lack == RunLack::folder || lack == RunLack::nothing;
            if (!mayBeFolder) return;
            const auto holder = queue.runs.holderOf(run.number, queue.openAt(now));
            if (holder) run.message = holderText(*holder);
        });
    }
}

void RunBook::overlay(RunRecord& run) const {
    if (run.stand.state != RunState::running) return;
    const std::optional<LiveRun> live = live_.of(run.number);
    if (!live || live->attempt != run.stand.attempt) return;
    const std::string stopping = stoppingPhase(run.stand);
    run.phase = stopping.empty() ? live->phase : stopping;
    run.counts = live->counts;
    if (live->began && run.stand.attempt == 1) run.started = live->began;
}

void RunBook::announce(const Page::Step& step) {
    const RunRecord& run = step.run;
    const Announcement what = announcementOf(step.before, run);
    if (what.kind.empty()) return;
    const std::string number = std::to_string(run.number);
    const std::string attempt = std::to_string(run.stand.attempt);
    const std::string state(nameOf(run.stand.state));
    std::map<std::string, std::string> more = {
        {"kind", run.kind}, {"repository", run.repository}, {"state", state}, {"attempt", attempt}};
    if (!run.agent.empty()) more.emplace("agent", run.agent);
    if (!run.user.empty()) more.emplace("user", run.user);
    if (!run.task.empty()) more.emplace("task", run.task);
    if (!run.snapshot.empty()) more.emplace("snapshot", run.snapshot);
    if (!run.message.empty()) more.emplace("message", run.message);
    log(LogLevel::info, "run." + what.kind.substr(4),
        {{"run", number},
         {"kind", run.kind},
         {"agent", run.agent},
         {"repository", run.repository},
         {"state", state},
         {"attempt", attempt},
         {"message", run.message}});
    events_.add(what.kind, number, shownRun(run) + ": " + what.text, more);
}

}  // namespace coffer
