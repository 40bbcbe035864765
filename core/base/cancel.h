#pragma once

#include <atomic>

#include "core/base/error.h"

namespace coffer {

/// A request to stop, seen by all who hold a reference. Safe to share; `request` is safe in a
/// signal handler.
class CancelToken {
  public:
    void request() { requested_.store(true, std::memory_order_relaxed); }
    bool requested() const { return requested_.load(std::memory_order_relaxed); }

    /// Throws Error(cancelled) once a stop was asked for. Called at least once per MiB of work.
    void check() const {
        if (requested()) throw Error(ErrorCode::cancelled, "cancelled");
    }

  private:
    std::atomic<bool> requested_{false};
    static_assert(std::atomic<bool>::is_always_lock_free);
};

}  // namespace coffer
