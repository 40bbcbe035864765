#pragma once

#include <chrono>
#include <functional>
#include <utility>

#include "core/base/cancel.h"
#include "core/base/error.h"

namespace coffer::rpc {

/// Throws the exception being handled as Coffer::Failed; logs defects and what the caller was
/// refused. Within a catch block only.
[[noreturn]] void throwFailed(const char* operation);

/// Throws the exception being handled as Error: Coffer::Failed by its code, system exceptions as
/// (unavailable), (loginAgain), (internal)…. Within a catch block only.
[[noreturn]] void throwError();

/// Body of every servant's method: no exception but Coffer::Failed leaves it.
template <class Work>
decltype(auto) serve(const char* operation, Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (...) {
        throwFailed(operation);
    }
}

/// A remote call: whatever goes wrong arrives as an Error, with `doing` in front of its trail.
template <class Work>
decltype(auto) call(const char* doing, Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (...) {
        try {
            throwError();
        } catch (const Error& error) {
            throw error.within(doing);
        }
    }
}

/// For how long and how often to try again.
struct RetryPolicy {
    std::chrono::milliseconds first{200};
    std::chrono::milliseconds longest{10'000};    // between two tries
    std::chrono::milliseconds patience{600'000};  // in all
};

/// Repeats an idempotent remote call while the peer cannot be reached (unavailable) or asks to come
/// back later (Error::retryAfter), until the patience is at its end or a stop is asked for.
/// `waiting` is called before each pause, for progress.
void repeat(const RetryPolicy& policy, const CancelToken& cancel, const std::function<void()>& work,
            const std::function<void(const Error&)>& waiting = {});

/// Waits; throws Error(cancelled) within 100 ms of a request to stop.
void pause(std::chrono::milliseconds length, const CancelToken& cancel);

/// Calls of this thread from now on give up after so long (omniORB's deadline). 0: the default.
void setDeadline(std::chrono::milliseconds deadline);

}  // namespace coffer::rpc
