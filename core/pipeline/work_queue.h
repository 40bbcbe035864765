#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "core/base/guarded.h"

namespace coffer {

class BackupWorker;

/// The jobs of a backup. Blocks to be packed go before folders to be read, and folders go last in,
/// first out, so what waits stays small. Safe to share.
class WorkQueue {
  public:
    using Job = std::function<void(BackupWorker&)>;

    /// A folder or segment to be read.
    void push(Job job);

    /// A worker stands idle to which nothing was offered yet.
    bool wantsBlock() const;

    /// True when a worker stood idle and takes the job; false: the caller does it itself.
    bool offer(Job& job);

    /// Runs jobs until all are done or stop() was called. Called by each worker. `before` it waits
    /// for others, a worker does what was left for then, which may bring new jobs.
    void work(BackupWorker& worker, const Job& before);

    /// Makes all workers return after the job they are at.
    void stop();

  private:
    struct State {
        std::vector<Job> folders;
        std::deque<Job> blocks;
        std::size_t running = 0;
        std::size_t idle = 0;
        bool stopped = false;

        bool isEmpty() const { return folders.empty() && blocks.empty(); }
        bool over() const { return stopped || (running == 0 && isEmpty()); }
        Job take();
    };
    Job waitForOne();
    Job takeOne();
    bool isStopped() const;
    Guarded<State> state_;
};

}  // namespace coffer
