#pragma once

#include <functional>

namespace coffer {

/// SIGTERM and SIGINT as an event. Made in main before any other thread, so that all inherit the
/// blocked signals; SIGPIPE is ignored. Used by one thread.
class StopSignal {
  public:
    StopSignal();
    ~StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    /// Waits for the first of them and gives its number. SIGHUP calls `reload` and goes on waiting.
    int wait(const std::function<void()>& reload = {});

    /// Tells the service manager (NOTIFY_SOCKET, sd_notify(3)) that the program is ready; nothing
    /// without one.
    static void ready();
};

}  // namespace coffer
