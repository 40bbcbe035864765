#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/threads.h"
#include "management_server/runs/agent_runs.h"
#include "management_server/runs/commit_prover.h"
#include "management_server/runs/dispatcher.h"
#include "management_server/runs/run_starter.h"
#include "management_server/runs/server_jobs.h"

namespace coffer {

/// The runs of a server from their order to their end: the book, what is said to agents, and the
/// server's own jobs. Safe to share between threads, but for start() and stop().
class Runs {
  public:
    struct Parts {
        ServerDatabase& database;
        EventRecorder& events;
        AgentCalls& agents;
        rpc::RepositoryProvider& repositories;
        OrderMaker::Issue issue;  // RunTokens::issue
        const Clock& clock;
        ServerWorks works{};  // of kinds that the server does itself, beside verifications
        FreeWorks freeWorks{};
        // Asked within the transaction that enters a run of an agent: throws Error unless there is
        // one of that name. Nothing: it is not looked at.
        std::function<void(SqlDatabase&, const std::string& agent)> requireAgent = {};
        RunStarter::AgentNames agentNames = {};
    };
    struct Settings {
        RunBook::Limits limits{};
        RunQueue::Limits slots{};
        unsigned callers = 8;  // threads that talk to agents
        std::string store{};   // "host:port" of one that runs beside the server; empty: none
    };

    /// What was at work when the server ended is parked until its agent attaches; a job of
    /// the server itself is queued again. All parts outlive it. Throws Error when the book cannot
    /// be read.
    explicit Runs(const Parts& parts);
    Runs(const Parts& parts, const Settings& settings);
    ~Runs() { stop(); }
    Runs(const Runs&) = delete;
    Runs& operator=(const Runs&) = delete;

    /// Before the first agent attaches.
    void start();

    /// Runs of agents go on without the server; its own jobs are broken off and begin anew with it.
    /// Waits for calls under way, which have deadlines. What agents tell afterwards is still
    /// entered.
    void stop();

    /// Where the registry of agents tells what they do.
    AgentListener& listener() { return agentRuns_; }

    const RunStarter& starter() const { return starter_; }

    /// Enters a new run and gives its number. Throws Error(limitExceeded).
    std::int64_t add(RunRecord run);

    /// What is done in the transaction that enters runs of a task: those that were entered, with
    /// their numbers, and those that were left out.
    using Also = std::function<void(SqlDatabase&, const std::vector<RunRecord>& entered,
                                    const std::vector<RunRecord>& leftOut)>;

    /// Enters runs of tasks, all in one transaction with `also`. Left out are those of a task that
    /// has a run at the same agent which has not ended. Throws Error(limitExceeded) and what `also`
    /// throws; nothing is entered then.
    void add(std::vector<RunRecord> runs, const Also& also);

    // Of one run: Error(notFound) when there is none.
    RunRecord get(std::int64_t run) const { return book_.get(run); }
    std::optional<RunRecord> find(std::int64_t run) const { return book_.find(run); }

    /// As it is once it has ended, or has just committed; at `end` or when the server stops, as it
    /// is then.
    RunRecord waitForEnd(std::int64_t run, std::chrono::steady_clock::time_point end) const;
    std::vector<RunProblemRecord> problems(std::int64_t run) const { return book_.problems(run); }
    std::vector<RunRecord> newest(std::int64_t before, std::uint32_t atMost) const {
        return book_.newest(before, atMost);
    }

    /// What the log of a run says. Error(notFound).
    RunLogPage logOf(std::int64_t run, const RunLogFilter& filter, std::uint64_t after,
                     std::uint32_t atMost) const {
        return book_.logOf(run, filter, after, atMost);
    }

    std::vector<BackupHistory> backupHistories(const std::string& repository) const {
        return book_.backupHistories(repository);
    }

    /// Those of tasks that have begun and not ended, oldest first.
    std::vector<RunRecord> begunOfTasks() const { return book_.begunOfTasks(); }

    /// When the last run of a task at an agent was ordered; nothing: none is known.
    std::optional<Timestamp> lastOrdered(const std::string& task, const std::string& agent) const {
        return book_.lastOrdered(task, agent);
    }

    /// `why` is for people; empty: a user wants it. Throws Error(conflict) when it has ended.
    void cancel(std::int64_t run, const std::string& why = {});

    /// It stops, keeps what it has stored, and is parked until somebody resumes it. `why` is for
    /// people. Throws Error(conflict) when it has ended or is being cancelled.
    void pause(std::int64_t run, const std::string& why);

    /// Throws Error(conflict) unless it failed, was cancelled or is paused, (limitExceeded).
    void resume(std::int64_t run);

    /// -100 to 100, else Error(invalidArgument). Throws (conflict) when it has ended.
    void setPriority(std::int64_t run, int priority);

    /// A window, and the zone in which an agent keeps to it.
    struct TaskWindow {
        std::string window;
        std::function<std::string(const std::string& agent)> zone;
    };

    /// By task: from now on those of all its runs that have not ended.
    using Windows = std::map<std::string, TaskWindow>;
    void setWindows(const Windows& windows);

    /// How many runs are at work and are kept; who waits and has room now begins within seconds.
    /// What is at work goes on. `ofServer` and `callers` stay as they were at the start, for each
    /// has its threads.
    void setLimits(const Settings& settings);

    /// Those that wait, in the order in which they begin, then those that are parked.
    std::vector<RunRecord> queued(
        std::uint32_t atMost,
        const RunBook::IsWanted& isWanted = [](const RunRecord&) { return true; }) const {
        return book_.queued(atMost, isWanted);
    }

    /// Packs of a repository have been verified, or found damaged. Quick.
    void packsProved() { prover_.ask(); }

    /// What is to be done from time to time: progress is written down, windows open and close, and
    /// runs are given up that do not react when they are to stop. By its own thread once started.
    void tick();

    /// For tests, without start(): does on this thread what there is to do.
    void work();

  private:
    void recover();
    void keepTime();
    void enter(RunBook::Page& page, RunRecord& run);
    void place(RunRecord& run);
    void giveSlots(RunBook::Page& page);
    void begin(const RunRecord& run);
    RunStand stopWork(const RunRecord& run, RunStand next);
    void goOn(RunBook::Page& page, RunRecord& run, RunStand next);
    bool isHere(const RunRecord& run) const;
    void hold(RunBook::Page& page, RunRecord& run, RunStand next, const std::string& why);
    void mindWindows();
    void giveUpStopping();

    struct Stop {
        bool asked = false;
    };

    Settings settings_;
    const std::function<void(SqlDatabase&, const std::string& agent)> requireAgent_;
    EventRecorder& events_;
    RunBook book_;
    CallDesk desk_;
    AgentRuns agentRuns_;
    OrderMaker maker_;
    RunStarter starter_;
    AgentCalls& agents_;
    Dispatcher dispatcher_;
    ServerJobs jobs_;
    CommitProver prover_;
    Guarded<Stop> stop_;
    ThreadScope threads_;
};

}  // namespace coffer
