#include "management_server/runs/run_book.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/service/log.h"
#include "management_server/runs/run_announcement.h"
#include "management_server/runs/run_queue_entry.h"

namespace coffer {

namespace {

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

}  // namespace

RunLogPage RunBook::logOf(std::int64_t run, const RunLogFilter& filter, std::uint64_t after,
                          std::uint32_t atMost) const {
    filter.check();
    return database_.read([&](SqlDatabase& database) {
        RunLogPage page = RunLogTable(database).read(run, filter, after, atMost);
        // The log may outlive its run.
        if (page.entries.empty() && after == 0 && !page.more && !RunTable(database).find(run)) {
            throw unknownRun(run);
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
    if (!run) throw unknownRun(number);
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

// Each once: which they are is one state of the table. The queue, which may be a step ahead of it,
// only says whose turn comes first; of those that it has no more the turn has come.
std::vector<std::int64_t> RunBook::idle() const {
    auto [waiting, parked] = database_.read([](SqlDatabase& database) {
        RunTable table(database);
        return std::pair(table.numbersIn(RunState::waiting), table.numbersIn(RunState::parked));
    });
    std::unordered_map<std::int64_t, std::size_t> turns;
    for (const std::int64_t number :
         queue_.with([](const Queue& queue) { return queue.runs.inTurn(); })) {
        turns.emplace(number, turns.size() + 1);
    }
    std::ranges::stable_sort(waiting, {}, [&](std::int64_t number) {
        const auto turn = turns.find(number);
        return turn == turns.end() ? 0 : turn->second;
    });
    waiting.insert(waiting.end(), parked.begin(), parked.end());
    return waiting;
}

std::vector<RunRecord> RunBook::queued(std::uint32_t atMost, const IsWanted& isWanted) const {
    std::vector<RunRecord> runs;
    // One by one: nobody waits for the database while others are asked.
    for (const std::int64_t number : idle()) {
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
    database_.readInTurn([&](SqlDatabase&) { limits_ = limits; });
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
        for (const RunRecord& run : RunTable(database).active()) enterInQueue(queue.runs, run);
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
        if (!table.find(number)) throw unknownRun(number);
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
    const RunAnnouncement what = announcementOf(step.before, run);
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
