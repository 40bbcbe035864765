#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/agent/run_order.h"
#include "core/agent/worker_process.h"

namespace coffer {

/// What is wanted of a run; grows, and never gets less.
enum class RunWish {
    goOn,
    cancel,  // end as "cancelled"
    stop,    // end as "interrupted": the run goes on later
};

/// Follows one worker from its order to its end, whatever it does: who does not react to a wish is
/// ended after 10 s by SIGTERM and after 20 s by SIGKILL, and nothing it writes costs more than a
/// bounded amount of memory. Used by one thread.
class RunSupervisor {
  public:
    using Time = std::chrono::steady_clock::time_point;

    struct Surroundings {
        std::function<Time()> now;
        std::function<RunWish()> wish;  // asked after each event
        std::function<void(const WorkerProgress&)> progress;
        std::function<void(const std::string&)> remark;  // a line for the log
    };

    RunSupervisor(WorkerProcess& worker, Surroundings around)
        : worker_(worker), around_(std::move(around)) {}

    /// Sends the order, a line, and gives the worker's result and problems when it is gone.
    RunReport follow(std::string order);

  private:
    void obey();
    void push();
    void escalate();
    std::chrono::milliseconds patience() const;
    void take(const WorkerEvent& event);
    void takeReport(const std::string& line);
    void takeProblem(WorkerProblem problem);
    void takeResult(WorkerResult result);
    void breakOff(const std::string& why);
    void note(const std::string& line);
    WorkerResult resultOf(bool gone) const;

    enum class Push { none, asked, terminated, killed, givenUp };

    WorkerProcess& worker_;
    const Surroundings around_;
    RunWish wish_ = RunWish::goOn;
    bool cancelled_ = false;
    Push push_ = Push::none;
    Time pushed_{};
    std::optional<WorkerResult> result_;
    std::vector<WorkerProblem> problems_;
    std::size_t problemOctets_ = 0;
    std::string fault_;  // what it did that no worker does
    unsigned notes_ = 0;
    unsigned garbage_ = 0;
};

}  // namespace coffer
