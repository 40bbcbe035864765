#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/base/cancel.h"
#include "core/base/guarded.h"
#include "core/base/threads.h"
#include "core/pipeline/run_progress.h"
#include "core/rpc/store/repository_provider.h"
#include "management_server/runs/run_book.h"
#include "management_server/runs/server_work.h"

namespace coffer {

/// Carries out what runs in the server itself (verifications and the like), on its threads and one
/// at a time of a repository; those about none beside each other. Safe to share, but for start()
/// and stop().
class ServerJobs {
  public:
    /// All outlive it.
    ServerJobs(RunBook& book, rpc::RepositoryProvider& repositories, ServerWorks works,
               FreeWorks freeWorks = {})
        : book_(book),
          repositories_(repositories),
          works_(std::move(works)),
          freeWorks_(std::move(freeWorks)) {}
    ~ServerJobs() { stop(); }
    ServerJobs(const ServerJobs&) = delete;
    ServerJobs& operator=(const ServerJobs&) = delete;

    void start(unsigned threads);

    /// Breaks off what is at work; the book has it as queued then, for the next start.
    void stop();

    /// A queued run of the book.
    void add(std::int64_t run, const std::string& repository);

    /// Asks it to stop, or drops it when it waits. False when it is not known.
    bool cancel(std::int64_t run);

    /// Tells the book how far those at work are.
    void tellProgress();

    /// Carries out what can begin now, on this thread; without start(), for tests.
    void work();

  private:
    struct Job {
        std::int64_t run = 0;
        std::string repository;
        RunProgress progress;
        CancelToken cancel;
        std::string place() const;
        std::atomic<std::uint32_t> attempt{0};
    };
    using JobPointer = std::shared_ptr<Job>;
    struct State {
        std::deque<JobPointer> waiting;
        std::map<std::string, JobPointer> atWork;  // by place
        bool stopped = false;

        std::deque<JobPointer>::iterator next();
    };

    static JobPointer take(State& state);
    void enter(const std::function<void(RunBook::Page&)>& step);
    void perform(const JobPointer& job);
    std::optional<RunRecord> begin(Job& job);
    void carryOut(Job& job, const RunRecord& run);
    ServerVerdict verdictOf(Job& job, const RunRecord& run, ProblemLog& problems,
                            const std::function<void(RunProblemRecord)>& note);

    RunBook& book_;
    rpc::RepositoryProvider& repositories_;
    const ServerWorks works_;
    const FreeWorks freeWorks_;
    Guarded<State> state_;
    ThreadScope threads_;
};

}  // namespace coffer
