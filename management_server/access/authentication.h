#pragma once

#include <string>

#include "management_server/access/attempt_limiter.h"
#include "management_server/access/user_table.h"

namespace coffer {

/// Checks passwords and makes guessing them slow: a wrong one costs a second, the next two, and so
/// on up to a minute, for the user whose password it was to be and, after ten, for the address it
/// came from. Safe to share between threads.
class Authentication {
  public:
    /// What the caller has shown beside the password. Who has a certificate of the user waits for
    /// the failures of such callers alone, so that a stranger cannot lock a user out.
    enum class Proof { none, certificate };

    /// Both outlive it.
    Authentication(const UserTable& users, const Clock& clock);

    /// Throws Error(permissionDenied) for a wrong user or password, without telling which;
    /// (limitExceeded) with retryAfter when it has to wait. `address` is the peer's, empty within
    /// this process. Logs failures.
    User check(const std::string& user, const std::string& password, Proof proof,
               const std::string& address);

  private:
    const UserTable& users_;
    AttemptLimiter ofUsers_;
    AttemptLimiter ofAddresses_;
};

/// Limits for addresses, behind which many may sit.
AttemptLimits addressLimits();

}  // namespace coffer
