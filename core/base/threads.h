#pragma once

#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace coffer {

/// Threads with a scope: start them, then join() (or the destructor) waits for all of them.
/// The first exception to leave one is rethrown by join(). Used by one thread.
class ThreadScope {
  public:
    ThreadScope() = default;
    ThreadScope(const ThreadScope&) = delete;
    ThreadScope& operator=(const ThreadScope&) = delete;
    ~ThreadScope();

    /// Runs `work` on a new thread. `onFailure` is called on that thread when `work` throws, so
    /// that its peers can be told to stop.
    void start(std::function<void()> work, std::function<void()> onFailure = {});

    void join();

  private:
    void waitForAll();

    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::exception_ptr first_;
};

/// From now on the calling thread works only when others leave it a core; for what nobody waits
/// for.
void letOthersGoFirst();

/// Number of workers to use: the cores this process may run on, at least 1.
unsigned availableCores();

}  // namespace coffer
