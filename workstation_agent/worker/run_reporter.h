#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "core/agent/worker_pipe.h"
#include "core/base/guarded.h"
#include "core/base/threads.h"
#include "core/pipeline/problem_log.h"
#include "core/pipeline/run_progress.h"

namespace coffer {

/// Tells how far a run is, now and then and only when something has changed, and what was wrong
/// with single entries, the first 1,000 of them. Safe to share between threads.
class RunReporter {
  public:
    using Report = std::function<void(const WorkerReport&)>;

    /// `report` is called by several threads, one at a time.
    RunReporter(Report report, std::chrono::milliseconds every);
    ~RunReporter();
    RunReporter(const RunReporter&) = delete;
    RunReporter& operator=(const RunReporter&) = delete;

    RunProgress& progress() { return progress_; }
    ProblemLog& problems() { return problems_; }

    /// "starting", "running" or "finishing"; told at once.
    void phase(const std::string& phase);

    /// The run waits for the server, or for something on this computer: the phase is "waiting"
    /// until it gets on.
    void waits();

    /// As in RunProgress of agent.idl.
    RunCounts counts() const;

  private:
    struct State {
        std::string phase = "starting";
        bool waiting = false;
        RunCounts before;  // when it began to wait
        bool stopped = false;
    };

    void tick(std::chrono::milliseconds every);
    void tell();
    void tellProblem(const Problem& problem);
    void send(const WorkerReport& report);

    Guarded<Report> report_;
    RunProgress progress_;
    ProblemLog problems_;
    std::uint64_t toldProblems_ = 0;  // of the log's calls, which come one at a time
    Guarded<State> state_;
    Guarded<WorkerProgress> told_;
    ThreadScope thread_;
};

}  // namespace coffer
