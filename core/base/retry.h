#pragma once

#include <chrono>
#include <utility>

#include "core/base/error.h"
#include "core/base/pause.h"

namespace coffer {

/// How often a call is made that fails for a reason which may pass, and how long to wait between.
struct RetryPolicy {
    unsigned attempts = 6;                      // in all; 1 or more
    std::chrono::milliseconds firstPause{250};  // twice as long before each further attempt
    std::chrono::milliseconds longestPause{8'000};
};

/// The reason may pass: unavailable, busy, ioError (a file system over a network reports all its
/// troubles as one), or one that names a time to wait. Not a full disk, a missing right or damage.
bool mayPass(const Error& error);

/// Repeats what fails for a reason that may pass. Whatever it is given must be safe to do twice.
/// Safe to share between threads.
class Retry {
  public:
    Retry(RetryPolicy policy, Pause pause) : policy_(policy), pause_(std::move(pause)) {}

    /// Gives what `work` returns; throws its last Error, or what the pause throws.
    template <class Work>
    decltype(auto) operator()(Work&& work) const {
        for (unsigned attempt = 1;; ++attempt) {
            try {
                return work();
            } catch (const Error& error) {
                if (attempt >= policy_.attempts || !mayPass(error)) throw;
                pauseAfter(attempt, error);
            }
        }
    }

  private:
    void pauseAfter(unsigned attempt, const Error& error) const;

    const RetryPolicy policy_;
    const Pause pause_;
};

}  // namespace coffer
