#pragma once

#include <chrono>
#include <functional>

#include "core/base/guarded.h"
#include "core/base/threads.h"

namespace coffer::rpc {

/// Calls `work` from a thread of its own as long as it lives, so that a session does not end while
/// a run has nothing to ask. What `work` throws is passed over: whoever needs the session notices.
class KeepAlive {
  public:
    explicit KeepAlive(std::function<void()> work,
                       std::chrono::milliseconds every = std::chrono::minutes(2));

    /// Waits for a call that is under way.
    ~KeepAlive();
    KeepAlive(const KeepAlive&) = delete;
    KeepAlive& operator=(const KeepAlive&) = delete;

  private:
    void run(std::chrono::milliseconds every);

    const std::function<void()> work_;
    Guarded<bool> stop_;
    ThreadScope thread_;
};

}  // namespace coffer::rpc
