#include "core/agent/task_runner.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr std::size_t mostWaiting = 500;
constexpr std::size_t endedRemembered = 1000;

RunReport reportOf(const RunOrder& order, std::string outcome, std::string message) {
    RunReport report;
    report.run = order.run;
    report.attempt = order.attempt;
    report.result.outcome = std::move(outcome);
    report.result.message = std::move(message);
    return report;
}

ResultSpool::Key keyOf(const RunOrder& order) {
    return {order.run, order.attempt};
}

}  // namespace

/// All of it under the lock of the state, but the order, which never changes.
struct TaskRunner::Run {
    const RunOrder order;
    RunWish wish = RunWish::goOn;
    WorkerProcess* worker = nullptr;  // while it lives
    RunNews news{};
    bool changed = true;
};

struct TaskRunner::State {
    std::deque<RunPointer> waiting;
    std::map<std::int64_t, RunPointer> atWork;
    std::deque<ResultSpool::Key> ended;  // the last ones
    bool stopping = false;
    unsigned atOnce = 0;
    unsigned threads = 0;

    bool mayBegin() { return atWork.size() < atOnce && next() != waiting.end(); }

    // The first that waits for nothing but a worker; an attempt waits for the one before it.
    std::deque<RunPointer>::iterator next() {
        return std::ranges::find_if(
            waiting, [&](const RunPointer& run) { return !atWork.contains(run->order.run); });
    }

    // What waits of this run waits no more.
    std::vector<RunPointer> takeWaiting(std::int64_t run) {
        std::vector<RunPointer> taken;
        std::erase_if(waiting, [&](const RunPointer& other) {
            if (other->order.run != run) return false;
            taken.push_back(other);
            return true;
        });
        return taken;
    }

    // The latest attempt of a run that is known; 0 for none.
    std::uint32_t latest(std::int64_t run) const {
        std::uint32_t attempt = 0;
        const auto see = [&](std::int64_t number, std::uint32_t its) {
            if (number == run) attempt = std::max(attempt, its);
        };
        for (const auto& other : waiting) see(other->order.run, other->order.attempt);
        for (const auto& [number, other] : atWork) see(number, other->order.attempt);
        for (const auto& [number, its] : ended) see(number, its);
        return attempt;
    }
};

TaskRunner::TaskRunner(WorkerLauncher& launcher, ResultSpool& spool,
                       std::function<std::string(const RunOrder&)> encode,
                       std::function<void()> changed, Settings settings)
    : launcher_(launcher),
      spool_(spool),
      encode_(std::move(encode)),
      changed_(std::move(changed)),
      settings_(std::move(settings)),
      state_(std::make_unique<Guarded<State>>()) {
    setAtOnce(settings_.atOnce);
}

// Threads are only started while nobody waits for their end.
void TaskRunner::setAtOnce(unsigned workers) {
    state_->change([&](State& state) {
        if (state.stopping) return;
        state.atOnce = workers;
        for (; state.threads < workers; ++state.threads) {
            threads_.start([this] { work(); });
        }
    });
}

TaskRunner::~TaskRunner() {
    stop();
}

void TaskRunner::start(const RunOrder& order) {
    if (spool_.contains(keyOf(order))) return;
    std::vector<RunPointer> replaced;
    state_->change([&](State& state) {
        const std::uint32_t latest = state.latest(order.run);
        if (latest == order.attempt) return;
        if (latest > order.attempt) {
            throw Error(ErrorCode::conflict, "run " + std::to_string(order.run) +
                                                 " has come to attempt " + std::to_string(latest));
        }
        if (state.stopping) throw Error(ErrorCode::unavailable, "the agent is stopping");
        replaced = state.takeWaiting(order.run);
        if (replaced.empty() && state.waiting.size() >= mostWaiting) {
            throw Error(ErrorCode::limitExceeded, "too many runs wait at this agent");
        }
        const auto before = state.atWork.find(order.run);
        if (before != state.atWork.end()) wish(*before->second, RunWish::stop);
        auto run = std::make_shared<Run>(Run{order});
        run->news = {order.run, order.attempt, "waiting", {}};
        state.waiting.push_back(std::move(run));
    });
    for (const RunPointer& run : replaced) {
        finish(run, reportOf(run->order, "interrupted", "it was started again before it began"));
    }
    changed_();
}

void TaskRunner::cancel(std::int64_t number) {
    std::vector<RunPointer> waiting;
    state_->with([&](State& state) {
        const auto atWork = state.atWork.find(number);
        if (atWork != state.atWork.end()) wish(*atWork->second, RunWish::cancel);
        waiting = state.takeWaiting(number);
    });
    for (const RunPointer& run : waiting) {
        finish(run, reportOf(run->order, "cancelled", "before it began"));
    }
}

// Under the lock of the state.
void TaskRunner::wish(Run& run, RunWish wish) {
    run.wish = std::max(run.wish, wish);
    if (run.worker) run.worker->wake();
}

std::vector<RunNews> TaskRunner::active() const {
    return state_->with([](State& state) {
        std::vector<RunNews> all;
        for (const auto& [number, run] : state.atWork) all.push_back(run->news);
        for (const RunPointer& run : state.waiting) all.push_back(run->news);
        return all;
    });
}

std::vector<RunNews> TaskRunner::news() {
    return state_->with([](State& state) {
        std::vector<RunNews> changed;
        for (const auto& [number, run] : state.atWork) {
            if (std::exchange(run->changed, false)) changed.push_back(run->news);
        }
        return changed;
    });
}

void TaskRunner::stop() {
    std::deque<RunPointer> waiting;
    state_->change([&](State& state) {
        state.stopping = true;
        waiting.swap(state.waiting);
        for (const auto& [number, run] : state.atWork) wish(*run, RunWish::stop);
    });
    for (const RunPointer& run : waiting) {
        finish(run, reportOf(run->order, "interrupted", "the agent was stopped"));
    }
    threads_.join();
}

void TaskRunner::work() {
    while (const RunPointer run = take()) {
        log(LogLevel::info, "run.started",
            {{"run", std::to_string(run->order.run)},
             {"attempt", std::to_string(run->order.attempt)},
             {"kind", run->order.kind}});
        changed_();
        RunReport report;
        try {
            report = carryOut(*run);
        } catch (const std::exception& error) {
            report.result = reportOf(run->order, "failed", error.what()).result;
        }
        report.run = run->order.run;
        report.attempt = run->order.attempt;
        finish(run, std::move(report));
    }
}

TaskRunner::RunPointer TaskRunner::take() {
    return state_->when([](State& state) { return state.stopping || state.mayBegin(); },
                        [](State& state) -> RunPointer {
                            if (state.stopping) return nullptr;
                            const auto next = state.next();
                            const RunPointer run = *next;
                            state.waiting.erase(next);
                            state.atWork.emplace(run->order.run, run);
                            run->news.phase = "starting";
                            return run;
                        });
}

RunReport TaskRunner::carryOut(Run& run) {
    if (!settings_.around) return follow(run);
    return settings_.around(
        run.order, [&] { return state_->with([&](State&) { return run.wish; }); },
        [&] { return follow(run); });
}

RunReport TaskRunner::follow(Run& run) {
    const auto worker = launcher_.launch();
    struct Registration {
        Guarded<State>& state;
        Run& run;
        ~Registration() {
            state.with([&](State&) { run.worker = nullptr; });
        }
    };
    state_->with([&](State&) { run.worker = worker.get(); });
    const Registration registration{*state_, run};
    const std::string number = std::to_string(run.order.run);
    RunSupervisor supervisor(
        *worker, {settings_.now, [&] { return state_->with([&](State&) { return run.wish; }); },
                  [&](const WorkerProgress& progress) {
                      state_->with([&](State&) {
                          run.news.phase = progress.phase;
                          run.news.counts = progress.counts;
                          run.changed = true;
                      });
                      changed_();
                  },
                  [&](const std::string& line) {
                      log(LogLevel::info, "worker.says", {{"run", number}, {"text", line}});
                  }});
    return supervisor.follow(encode_(run.order));
}

// The result is in the spool before the run is no longer active: one of both always tells of it.
void TaskRunner::finish(const RunPointer& run, RunReport report) {
    const ResultSpool::Key key = keyOf(run->order);
    log(LogLevel::info, "run.ended",
        {{"run", std::to_string(key.first)},
         {"attempt", std::to_string(key.second)},
         {"outcome", report.result.outcome},
         {"message", report.result.message}});
    spool_.add(std::move(report));
    state_->change([&](State& state) {
        const auto found = state.atWork.find(key.first);
        if (found != state.atWork.end() && found->second == run) state.atWork.erase(found);
        state.ended.push_back(key);
        if (state.ended.size() > endedRemembered) state.ended.pop_front();
    });
    changed_();
}

}  // namespace coffer
