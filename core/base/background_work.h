#pragma once

#include <exception>
#include <functional>

#include "core/base/guarded.h"
#include "core/base/threads.h"

namespace coffer {

/// Work for which nobody waits, on a thread of its own: it is done whenever it was asked for, once
/// for all who asked meanwhile, until it is stopped. Safe to share between threads; started and
/// stopped by one.
class BackgroundWork {
  public:
    /// Whether the thread runs only when others leave it a core, which is for what takes long and
    /// holds no lock that others wait for.
    enum class Haste { afterOthers, asOthers };

    /// What `work` throws goes to `failed`; the thread goes on.
    BackgroundWork(std::function<void()> work, std::function<void(const std::exception&)> failed,
                   Haste haste = Haste::afterOthers)
        : work_(std::move(work)), failed_(std::move(failed)), haste_(haste) {}
    ~BackgroundWork();
    BackgroundWork(const BackgroundWork&) = delete;
    BackgroundWork& operator=(const BackgroundWork&) = delete;

    void start();

    /// Quick. What is asked for before the start is done behind it.
    void ask();

    /// Ends the thread, then does `rest` on this one: once, and as if nobody had stopped it. Does
    /// nothing unless it was started.
    void stop(const std::function<void()>& rest = [] {});

    /// Whether the thread is to end; for work that takes long.
    bool isStopping() const;

    /// Waits until it is stopped, or has done what was asked for.
    void settle();

  private:
    struct State {
        bool asked = false;
        bool working = false;
        bool stopping = false;
    };

    void attempt(const std::function<void()>& work) const;

    const std::function<void()> work_;
    const std::function<void(const std::exception&)> failed_;
    const Haste haste_;
    Guarded<State> state_;
    bool started_ = false;
    ThreadScope thread_;
};

}  // namespace coffer
