#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace coffer {

/// Whether a change may let others go on that wait in Guarded::when().
enum class Wake { none, all };

/// Data that can be reached only through its lock. Safe to share.
///
///     Guarded<State> state;
///     state.with([](State& s) { ++s.count; });
template <class T>
class Guarded {
  public:
    template <class... Args>
    explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

    /// Runs `work` on the data under the lock and returns what it returns.
    template <class Work>
    decltype(auto) with(Work&& work) {
        const std::lock_guard lock(mutex_);
        return std::forward<Work>(work)(value_);
    }

    template <class Work>
    decltype(auto) with(Work&& work) const {
        const std::lock_guard lock(mutex_);
        return std::forward<Work>(work)(value_);
    }

    /// Waits until `ready(data)` holds, then runs `work(data)` under the same lock.
    template <class Ready, class Work>
    decltype(auto) when(Ready&& ready, Work&& work, Wake wake = Wake::none) {
        const Waker waker{wake == Wake::all ? &changed_ : nullptr};
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return ready(value_); });
        return std::forward<Work>(work)(value_);
    }

    /// Like when(), but goes on at `end`, ready or not.
    template <class Ready, class Work>
    decltype(auto) whenOrAt(std::chrono::steady_clock::time_point end, Ready&& ready, Work&& work) {
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, end, [&] { return ready(value_); });
        return std::forward<Work>(work)(value_);
    }

    /// Like with(), then wakes everybody who waits in when().
    template <class Work>
    decltype(auto) change(Work&& work) {
        const Waker waker{&changed_};
        const std::lock_guard lock(mutex_);
        return std::forward<Work>(work)(value_);
    }

  private:
    struct Waker {
        std::condition_variable* changed;
        ~Waker() {
            if (changed) changed->notify_all();
        }
    };

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    T value_;
};

}  // namespace coffer
