#include "management_server/runs/runs.h"

#include <exception>
#include <tuple>

#include "core/base/error.h"
#include "core/service/log.h"
#include "management_server/runs/prune_work.h"
#include "management_server/runs/repair_work.h"
#include "management_server/runs/verify_work.h"

namespace coffer {

namespace {

constexpr std::chrono::seconds tickPeriod{2};

// An agent ends a worker that does not react within 30 s.
constexpr std::int64_t cancelSeconds = 120;

ServerWorks worksOf(const Runs::Parts& parts) {
    ServerWorks works = parts.works;
    works.emplace(run_kind::verify, verifyWork);
    works.emplace(run_kind::prune, pruneWork);
    works.emplace(run_kind::repair, repairWork);
    return works;
}

}  // namespace

Runs::Runs(const Parts& parts) : Runs(parts, Settings{}) {}

Runs::Runs(const Parts& parts, const Settings& settings)
    : settings_(settings),
      requireAgent_(parts.requireAgent),
      events_(parts.events),
      book_(parts.database, parts.events, parts.clock, settings.limits, settings.slots),
      desk_(parts.clock),
      agentRuns_(book_, desk_, parts.agents, parts.repositories),
      maker_(parts.agents, parts.repositories, parts.issue, parts.clock, settings.store),
      starter_(parts.agents, parts.repositories, parts.agentNames),
      agents_(parts.agents),
      dispatcher_(book_, desk_, parts.agents, parts.repositories, maker_),
      jobs_(book_, parts.repositories, worksOf(parts), parts.freeWorks),
      prover_(book_, parts.repositories) {
    book_.afterSteps([this](RunBook::Page& page) { giveSlots(page); });
    book_.onVerifying([this] { prover_.ask(); });
    recover();
}

void Runs::recover() {
    book_.change([&](RunBook::Page& page) {
        for (RunRecord& run : page.active()) {
            if (!run.isOfServer()) {
                page.move(run, serverBegan(run.stand), "the agent has not attached yet");
                continue;
            }
            const RunStand next = serverJobLost(run.stand);
            std::string message = run.message;
            if (run.stand.state == RunState::running) message = "the server ended during it";
            if (next.state == RunState::failed) {
                message += " " + std::to_string(mostServerLosses) + " times";
            }
            page.move(run, next, message);
        }
    });
}

void Runs::start() {
    dispatcher_.start(settings_.callers);
    jobs_.start(static_cast<unsigned>(settings_.slots.ofServer));
    prover_.start();
    threads_.start([this] { keepTime(); });
}

void Runs::stop() {
    stop_.change([](Stop& stop) { stop.asked = true; });
    jobs_.stop();
    dispatcher_.stop();
    prover_.stop();
    threads_.join();
}

std::int64_t Runs::add(RunRecord run) {
    book_.change([&](RunBook::Page& page) { enter(page, run); });
    return run.number;
}

RunRecord Runs::waitForEnd(std::int64_t run, std::chrono::steady_clock::time_point end) const {
    bool isWatched = false;  // at work when it was looked at
    while (true) {
        const std::uint64_t seen = events_.newest();  // before the look: its end is an event
        RunRecord found = book_.get(run);
        const RunState state = found.stand.state;
        const bool hasCommitted = isWatched && state == RunState::verifying;
        if (hasEnded(state) || hasCommitted) return found;
        isWatched = state != RunState::verifying;
        if (events_.waitSince(seen, 1, end).empty()) return found;
    }
}

void Runs::add(std::vector<RunRecord> runs, const Also& also) {
    book_.change([&](RunBook::Page& page) {
        std::vector<RunRecord> entered;
        std::vector<RunRecord> leftOut;
        for (RunRecord& run : runs) {
            if (page.isAtWork(run.task, run.agent)) {
                leftOut.push_back(run);
                continue;
            }
            enter(page, run);
            entered.push_back(run);
        }
        also(page.database(), entered, leftOut);
    });
}

bool Runs::isHere(const RunRecord& run) const {
    return run.isOfServer() || desk_.isAttached(run.agent);
}

// The agent may have been renamed or revoked since somebody looked: its run would wait for a
// machine that gets the name later.
void Runs::enter(RunBook::Page& page, RunRecord& run) {
    if (requireAgent_ && !run.agent.empty()) requireAgent_(page.database(), run.agent);
    place(run);
    page.add(run);
}

// Where a new run stands at first.
void Runs::place(RunRecord& run) {
    if (isHere(run)) return;
    run.stand.state = RunState::parked;
    run.message = agentIsAway;
}

// At the end of each transaction that may have made room, or entered somebody who wants some.
void Runs::giveSlots(RunBook::Page& page) {
    for (const std::int64_t number : page.plan().begin) {
        std::optional<RunRecord> run = page.find(number);
        if (!run || run->stand.state != RunState::waiting) {
            page.correct(number);
            continue;
        }
        page.move(*run, slotGiven(run->stand), run->message);
        begin(*run);
    }
}

// Within the transaction that queued it: whoever attaches or leaves comes before or after it.
void Runs::begin(const RunRecord& run) {
    if (run.isOfServer()) {
        jobs_.add(run.number, run.repository);
    } else {
        desk_.order(run.agent, run.number, book_.pauseOf(run.number));
    }
}

void Runs::cancel(std::int64_t number, const std::string& why) {
    book_.change([&](RunBook::Page& page) {
        RunRecord run = page.get(number);
        RunStand next = cancelAsked(run.stand);
        if (run.stand.state == RunState::verifying) {
            if (why.empty()) return CommitProver::endUnproven(page, run, "it was cancelled");
            // A limit of its time is one of its work.
            throw Error(ErrorCode::conflict, "it has committed");
        }
        next = stopWork(run, next);
        if (!why.empty()) run.message = why;
        page.move(run, next, why);
    });
}

// Gives where the run stands then: one that no thread has any more would never stop by itself.
RunStand Runs::stopWork(const RunRecord& run, RunStand next) {
    if (run.isOfServer()) return jobs_.cancel(run.number) ? next : stopOverdue(next);
    if (run.stand.attempt > 0) desk_.cancel(run.agent, run.number);
    return next;
}

// It waits for a slot, or for its agent.
void Runs::goOn(RunBook::Page& page, RunRecord& run, RunStand next) {
    run.message = next.state == RunState::parked ? agentIsAway : "";
    page.move(run, next, run.message);
}

void Runs::pause(std::int64_t number, const std::string& why) {
    book_.change([&](RunBook::Page& page) {
        RunRecord run = page.get(number);
        hold(page, run, pauseAsked(run.stand), why);
    });
}

void Runs::hold(RunBook::Page& page, RunRecord& run, RunStand next, const std::string& why) {
    if (next == run.stand) return;
    const RunState state = run.stand.state;
    const bool isTaken = state == RunState::queued || state == RunState::running;
    if (isTaken) next = stopWork(run, next);
    run.message = why;
    page.move(run, next, why);
}

void Runs::resume(std::int64_t number) {
    const RunRecord seen = book_.get(number);
    if (!seen.isOfServer()) agents_.identity(seen.agent);
    book_.change([&](RunBook::Page& page) {
        RunRecord run = page.get(number);
        const RunStand next = resumeAsked(run.stand, isHere(run));
        if (hasEnded(run.stand.state)) page.checkRoom(run.agent);
        goOn(page, run, next);
    });
}

void Runs::setPriority(std::int64_t number, int priority) {
    if (priority < -RunQueue::mostPriority || priority > RunQueue::mostPriority) {
        throw Error(ErrorCode::invalidArgument, "a priority is a number from -100 to 100");
    }
    book_.change([&](RunBook::Page& page) {
        RunRecord run = page.get(number);
        if (hasEnded(run.stand.state)) {
            throw Error(ErrorCode::conflict, "the run has ended already");
        }
        run.priority = priority;
        page.save(run);
    });
}

void Runs::setWindows(const Windows& windows) {
    if (windows.empty()) return;
    book_.change([&](RunBook::Page& page) {
        for (RunRecord& run : page.active()) {
            const auto found = windows.find(run.task);
            if (found == windows.end()) continue;
            const std::pair next(found->second.window, found->second.zone(run.agent));
            if (next == std::pair(run.window, run.zone)) continue;
            std::tie(run.window, run.zone) = next;
            page.save(run);
        }
    });
}

void Runs::setLimits(const Settings& settings) {
    RunQueue::Limits slots = settings.slots;
    slots.ofServer = settings_.slots.ofServer;
    book_.setLimits(settings.limits, slots);
}

void Runs::tick() {
    jobs_.tellProgress();
    prover_.ask();
    book_.keepProgress();
    mindWindows();
    giveUpStopping();
}

// The clock of this moment decides, whatever it said before.
void Runs::mindWindows() {
    if (!book_.isQueueStale() && book_.plan().isEmpty()) return;
    book_.change([&](RunBook::Page& page) {
        const RunQueue::Plan plan = page.plan();
        for (const std::int64_t number : plan.stop) {
            auto run = page.find(number);
            if (run) hold(page, *run, windowClosed(run->stand), "its window has closed");
        }
        for (const std::int64_t number : plan.wake) {
            auto run = page.find(number);
            if (!run) continue;
            goOn(page, *run, windowOpened(run->stand, isHere(*run)));
        }
        page.touchQueue();
    });
}

void Runs::giveUpStopping() {
    Timestamp before = book_.clock().now();
    before.seconds -= cancelSeconds;
    for (const std::int64_t number : book_.live().cancelledBefore(before)) {
        book_.change([&](RunBook::Page& page) {
            auto run = page.find(number);
            if (!run) return book_.live().end(number);
            page.move(*run, stopOverdue(run->stand), "the agent did not say how it ended");
            book_.live().end(number);
        });
    }
}

void Runs::keepTime() {
    for (;;) {
        const bool stopped = stop_.whenOrAt(
            std::chrono::steady_clock::now() + tickPeriod,
            [](const Stop& stop) { return stop.asked; },
            [](const Stop& stop) { return stop.asked; });
        try {
            tick();
        } catch (const std::exception& error) {
            // What could not be written down comes once more with the next news.
            log(LogLevel::error, "runs.tick-failed", {{"message", error.what()}});
        }
        if (stopped) return;
    }
}

void Runs::work() {
    dispatcher_.work();
    jobs_.work();
    dispatcher_.work();
    prover_.round();
}

}  // namespace coffer
