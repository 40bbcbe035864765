#pragma once

#include <functional>
#include <memory>

namespace coffer {

/// SIGTERM and SIGINT as an event. Made in main before any other thread, so that all inherit the
/// blocked signals; SIGPIPE is ignored. Signals that come after wait() has returned are dropped:
/// the program is stopping already. Used by one thread.
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

    /// The same, that it is stopping.
    static void stopping();

    /// Ends wait() as well, and can be told from what others send. Safe to call from any thread.
    static void request();

    /// Whether what wait() gave was a request().
    static bool isRequest(int signal);

    /// Whether somebody wants the program to end, and nobody has waited for that yet.
    static bool isPending();

  private:
    struct Before;  // what the signals were
    std::unique_ptr<Before> before_;
};

}  // namespace coffer
