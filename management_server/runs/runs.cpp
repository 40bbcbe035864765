#include "management_server/runs/runs.h"

#include <exception>

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
      events_(parts.events),
      book_(parts.database, parts.events, parts.clock, settings.limits),
      desk_(parts.clock),
      agentRuns_(book_, desk_, parts.agents, parts.repositories),
      maker_(parts.agents, parts.repositories, parts.issue, parts.clock),
      starter_(parts.agents, parts.repositories),
      agents_(parts.agents),
      dispatcher_(book_, desk_, parts.agents, parts.repositories, maker_),
      jobs_(book_, parts.repositories, worksOf(parts)) {
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
            page.move(run, next,
                      next.state == RunState::failed
                          ? "the server ended in each of " + std::to_string(mostServerAttempts) +
                                " attempts"
                          : "the server ended during it");
            if (next.state == RunState::queued) jobs_.add(run.number, run.repository);
        }
    });
}

void Runs::start() {
    dispatcher_.start(settings_.callers);
    jobs_.start(settings_.jobs);
    threads_.start([this] { keepTime(); });
}

void Runs::stop() {
    stop_.change([](Stop& stop) { stop.asked = true; });
    jobs_.stop();
    dispatcher_.stop();
    threads_.join();
}

std::int64_t Runs::add(RunRecord run) {
    book_.change([&](RunBook::Page& page) {
        place(run);
        page.add(run);
        begin(run);
    });
    return run.number;
}

RunRecord Runs::waitForEnd(std::int64_t run, std::chrono::steady_clock::time_point end) const {
    while (true) {
        const std::uint64_t seen = events_.newest();  // before the look: its end is an event
        RunRecord found = book_.get(run);
        if (hasEnded(found.stand.state)) return found;
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
            place(run);
            page.add(run);
            entered.push_back(run);
        }
        also(page.database(), entered, leftOut);
        for (const RunRecord& run : entered) begin(run);
    });
}

// Where a new run stands at first.
void Runs::place(RunRecord& run) {
    if (run.isOfServer() || desk_.isAttached(run.agent)) return;
    run.stand.state = RunState::parked;
    run.message = "the agent is away";
}

// Within the transaction that queued it: whoever attaches or leaves comes before or after it.
void Runs::begin(const RunRecord& run) {
    if (run.stand.state != RunState::queued) return;
    if (run.isOfServer()) {
        jobs_.add(run.number, run.repository);
    } else {
        desk_.order(run.agent, run.number);
    }
}

void Runs::cancel(std::int64_t number, const std::string& why) {
    book_.change([&](RunBook::Page& page) {
        RunRecord run = page.get(number);
        RunStand next = cancelAsked(run.stand);
        if (run.isOfServer()) {
            // One that no thread has any more would never end by itself.
            if (!jobs_.cancel(number)) next = cancelOverdue(next);
        } else {
            if (run.stand.attempt > 0) desk_.cancel(run.agent, number);
        }
        if (!why.empty()) run.message = why;
        page.move(run, next, why);
    });
}

void Runs::resume(std::int64_t number) {
    const RunRecord seen = book_.get(number);
    if (!seen.isOfServer()) agents_.identity(seen.agent);
    book_.change([&](RunBook::Page& page) {
        RunRecord run = page.get(number);
        const bool present = run.isOfServer() || desk_.isAttached(run.agent);
        const RunStand next = resumeAsked(run.stand, present);
        page.checkRoom(run.agent);
        page.move(run, next, present ? "" : "the agent is away");
        begin(run);
    });
}

void Runs::tick() {
    jobs_.tellProgress();
    book_.keepProgress();
    Timestamp before = book_.clock().now();
    before.seconds -= cancelSeconds;
    for (const std::int64_t number : book_.live().cancelledBefore(before)) {
        book_.change([&](RunBook::Page& page) {
            auto run = page.find(number);
            if (!run) return book_.live().end(number);
            page.move(*run, cancelOverdue(run->stand), "the agent did not say how it ended");
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
}

}  // namespace coffer
