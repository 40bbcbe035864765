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

    /// As if the program had got SIGTERM. Safe to call from any thread.
    static void request();

    /// Whether one has come that nobody has waited for yet.
    static bool isPending();

  private:
    struct Before;  // what the signals were
    std::unique_ptr<Before> before_;
};

}  // namespace coffer
