#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "management_server/database/server_database.h"
#include "management_server/events/event_recorder.h"
#include "management_server/runs/live_runs.h"
#include "management_server/runs/run_effort.h"
#include "management_server/runs/run_log_table.h"
#include "management_server/runs/run_queue.h"
#include "management_server/runs/run_record.h"
#include "management_server/runs/run_table.h"
#include "management_server/runs/run_windows.h"

namespace coffer {

/// The runs of the server. Every step of a run is a transaction of server.db; the event that
/// announces it comes when it is durable. Beside the tables it knows how far the runs at work are,
/// and has those that have not ended in a queue. Safe to share between threads.
class RunBook {
  public:
    struct Limits {
        std::uint64_t runs = 10'000;           // kept, beside those that have not ended
        std::uint64_t activeRuns = 20'000;     // that have not ended
        std::uint64_t activeOfAgent = 100;     // likewise, of one agent; and of all verifications
        std::uint64_t logEntries = 1'000'000;  // kept, of all runs together
        std::int64_t logSeconds = std::int64_t{365} * 86'400;  // and so long
    };
    static constexpr std::size_t mostProblems = 1'000;  // of a run

    /// Database, recorder and clock outlive it.
    RunBook(ServerDatabase& database, EventRecorder& events, const Clock& clock,
            const Limits& limits, const RunQueue::Limits& slots)
        : database_(database), events_(events), clock_(clock), limits_(limits), slots_(slots) {}

    /// How much is kept, and how many runs are at work, from the next step on.
    void setLimits(const Limits& limits, const RunQueue::Limits& slots);

    /// A look into the book and steps in it, within one transaction.
    class Page {
      public:
        /// Runs as they are now, with what is known of those at work.
        std::optional<RunRecord> find(std::int64_t number);
        RunRecord get(std::int64_t number);  // Error(notFound)
        std::vector<RunRecord> active(const std::string& agent);
        std::vector<RunRecord> active();

        /// Throws Error(limitExceeded) when the agent, or the server, has too many runs that have
        /// not ended.
        void checkRoom(const std::string& agent);

        /// Whether a task has a run at an agent that has not ended.
        bool isAtWork(const std::string& task, const std::string& agent) {
            return table_.isAtWork(task, agent);
        }

        /// For what belongs to the same transaction.
        SqlDatabase& database() { return database_; }

        /// Enters a new run, if there is room; its number is filled in.
        void add(RunRecord& run);

        /// The run stands there from now on, and `run` says so. `message` says why, where its state
        /// needs a reason.
        void move(RunRecord& run, const RunStand& next, const std::string& message = {});

        /// Writes what has been changed in `run` otherwise.
        void save(const RunRecord& run);

        /// Who may begin, has to stop or may go on at this moment.
        RunQueue::Plan plan() { return book_.plan(); }

        /// The queue is told where the run stands, should it think otherwise.
        void correct(std::int64_t number);

        void setProblems(const RunRecord& run, const std::vector<RunProblemRecord>& problems);

        /// Enters these beside the run's problems, as far as there is room.
        void addProblems(RunRecord& run, const std::vector<RunProblemRecord>& problems);

        /// Enters what is worth a line of the log each, and nothing else.
        void addLines(const RunRecord& run, LogLevel level,
                      const std::vector<RunProblemRecord>& lines);

        /// Has what follows each change of the queue done for this transaction, too.
        void touchQueue() { changes_.isQueueTouched = true; }

      private:
        friend class RunBook;
        struct Step {
            std::optional<RunStand> before;  // nothing: a new run
            RunRecord run;
        };

        /// What a transaction has done.
        struct Changes {
            std::vector<Step> steps;
            bool isQueueTouched = false;
        };

        Page(RunBook& book, SqlDatabase& database, Changes& changes)
            : book_(book),
              database_(database),
              table_(database),
              log_(database),
              now_(book.clock_.now()),
              changes_(changes) {}
        void reopen(RunRecord& run);
        void countHeld(RunRecord& run);
        void place(const RunRecord& run);
        void logSteps();

        RunBook& book_;
        SqlDatabase& database_;
        RunTable table_;
        RunLogTable log_;
        const Timestamp now_;
        Changes& changes_;
    };

    /// What is done at the end of each transaction that has changed the queue, and belongs to it.
    /// Set before anything else is done.
    void afterSteps(std::function<void(Page&)> work) { afterSteps_ = std::move(work); }

    /// Called behind each transaction in which a backup has committed that is to be verified. Set
    /// before anything else is done.
    void onVerifying(std::function<void()> listener) { verifying_ = std::move(listener); }

    /// Runs `work(Page&)` as one transaction. No remote call and no waiting within.
    template <class Work>
    void change(Work&& work) {
        Page::Changes changes;
        try {
            database_.change([&](SqlDatabase& database) {
                changes.isQueueTouched = fillQueue(database);
                Page page(*this, database, changes);
                work(page);
                if (changes.isQueueTouched) afterSteps_(page);
                page.logSteps();
            });
        } catch (...) {
            // What was undone is in the queue still.
            if (changes.isQueueTouched) queue_.with([](Queue& queue) { queue.isStale = true; });
            throw;
        }
        bool isToVerify = false;
        for (const Page::Step& step : changes.steps) {
            announce(step);
            isToVerify = isToVerify || step.run.stand.state == RunState::verifying;
        }
        if (isToVerify) verifying_();
    }

    RunRecord get(std::int64_t number) const;  // Error(notFound)
    std::optional<RunRecord> find(std::int64_t number) const;
    std::vector<RunRecord> newest(std::int64_t before, std::uint32_t atMost) const;
    std::vector<RunRecord> verifying() const;     // oldest first
    std::vector<RunRecord> begunOfTasks() const;  // that have not ended, oldest first
    std::optional<Timestamp> lastOrdered(const std::string& task, const std::string& agent) const;
    std::vector<RunProblemRecord> problems(std::int64_t number) const;  // Error(notFound)

    using IsWanted = std::function<bool(const RunRecord&)>;

    /// Those that wait, in the order in which they begin, then those that are parked; the first
    /// `atMost` that are wanted, which is asked outside of the database.
    std::vector<RunRecord> queued(std::uint32_t atMost, const IsWanted& isWanted) const;

    RunQueue::Plan plan() const;

    /// A step was undone: the next transaction makes the queue anew, and plan() means nothing.
    bool isQueueStale() const;

    /// What the log of a run says; Error(notFound) when nobody knows of it any more.
    RunLogPage logOf(std::int64_t run, const RunLogFilter& filter, std::uint64_t after,
                     std::uint32_t atMost) const;

    std::vector<BackupHistory> backupHistories(const std::string& repository) const;

    LiveRuns& live() { return live_; }

    /// Writes down how far the runs are that are being worked on.
    void keepProgress();

    /// An attempt has been lost; gives what that means for the run. And how it stands without.
    RunEffort lost(const RunRecord& run);
    RunEffort effort(std::int64_t run) const;

    /// How long to wait before the next attempt at it.
    std::chrono::seconds pauseOf(std::int64_t run) const;

    const Clock& clock() const { return clock_; }

  private:
    /// In memory, made out of the table when it is first needed.
    struct Queue {
        RunQueue runs;
        RunWindows windows;
        bool isStale = true;

        RunQueue::IsOpen openAt(Timestamp now) {
            return [this, now](const RunLane& lane) {
                return windows.isOpen(lane.window, lane.zone, now);
            };
        }
    };

    std::vector<std::int64_t> idle() const;  // in the order of queued()
    void overlay(RunRecord& run) const;
    void explain(std::vector<RunRecord>& runs) const;
    bool fillQueue(SqlDatabase& database);  // whether it had to
    void announce(const Page::Step& step);

    ServerDatabase& database_;
    EventRecorder& events_;
    const Clock& clock_;
    Limits limits_;           // looked at within a transaction
    RunQueue::Limits slots_;  // looked at with the queue locked
    std::function<void(Page&)> afterSteps_ = [](Page&) {};
    std::function<void()> verifying_ = [] {};
    mutable Guarded<Queue> queue_;
    LiveRuns live_;
    Guarded<std::map<std::int64_t, RunEffort>> efforts_;
};

}  // namespace coffer
