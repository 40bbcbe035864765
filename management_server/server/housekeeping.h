#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/base/threads.h"

namespace coffer {

/// What a server does from time to time, on one thread. A chore that fails is logged and done again
/// the next time. Started and stopped by one thread.
class Housekeeping {
  public:
    struct Chore {
        std::string name;
        unsigned every = 1;  // rounds
        std::function<void()> work;
    };

    Housekeeping(std::chrono::milliseconds round, std::vector<Chore> chores)
        : round_(round), chores_(std::move(chores)) {}
    ~Housekeeping() { stop(); }
    Housekeeping(const Housekeeping&) = delete;
    Housekeeping& operator=(const Housekeeping&) = delete;

    void start();

    /// Waits for a chore under way.
    void stop();

    /// All chores whose turn it is, on this thread; for tests.
    void round();

  private:
    struct Stop {
        bool asked = false;
    };

    const std::chrono::milliseconds round_;
    const std::vector<Chore> chores_;
    std::uint64_t rounds_ = 0;
    Guarded<Stop> stop_;
    ThreadScope thread_;
};

}  // namespace coffer
