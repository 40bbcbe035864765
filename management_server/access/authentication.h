#pragma once

#include <string>

#include "management_server/access/api_tokens.h"
#include "management_server/access/attempt_limiter.h"
#include "management_server/access/permissions.h"
#include "management_server/access/second_factors.h"
#include "management_server/access/user_directory.h"
#include "management_server/access/user_table.h"

namespace coffer {

/// How patient a login is; server.ini has it.
struct LoginLimits {
    std::uint32_t firstDelaySeconds = 1;     // after a wrong password; doubles with each
    std::uint32_t longestDelaySeconds = 60;  // and ends here
    unsigned freeOfAddress = 10;             // failures of an address without a delay
};

/// Who has shown who he is.
struct KnownUser : User {
    std::optional<ApiToken> token{};  // by which, if it was one
    bool needsCode = false;           // of the second factor

    /// Of Coffer, by the directory; nothing for a user of this server.
    std::optional<std::vector<std::string>> groups{};
};

/// Checks passwords, tokens in place of one, and codes, and makes guessing them slow: a wrong one
/// costs a second, the next two, and so on up to a minute, for the user whose password it was to be
/// and, after ten, for the address it came from. Safe to share between threads.
class Authentication {
  public:
    /// What the caller has shown beside the password. Who has a certificate of the user waits for
    /// the failures of such callers alone, so that a stranger cannot lock a user out.
    enum class Proof { none, certificate };

    /// All outlive it. `salt` is that of an AttemptLimiter.
    Authentication(const UserTable& users, ApiTokens& tokens, SecondFactors& factors,
                   const Clock& clock, const LoginLimits& limits = {},
                   const SecretKey& salt = SecretKey::random());

    /// Lets users of a directory in, too, who have a group that `permissions` knows. A user of this
    /// server is never looked for there, disabled or not, in whatever case his name is written, so
    /// that no directory shuts him out or takes his place. Both outlive it. Before the first login.
    void askAlso(const UserDirectory& directory, const Permissions& permissions);

    /// Throws Error(permissionDenied) for a wrong user or password, without telling which;
    /// (limitExceeded) with retryAfter when it has to wait, (unavailable) when it takes the
    /// directory, which does not answer. `address` is the peer's, empty within this process. Logs
    /// failures.
    KnownUser check(const std::string& user, const std::string& password, Proof proof,
                    const std::string& address);

    /// How patient it is from now on; what has failed is not forgotten.
    void setLimits(const LoginLimits& limits);

    /// Throws as check() when this server has got a user of the name by now to whom the directory
    /// has just testified: asked once his session has begun, which a user that is added later ends.
    void checkPlace(const KnownUser& user, const std::string& address) const;

    /// A token by itself, of whoever is to be named by it. Throws as check(); waits by address.
    KnownUser checkToken(const std::string& token, const std::string& address);

    /// A code of the second factor, by who has shown a password. Throws as check().
    void checkCode(const std::string& user, const std::string& code, const std::string& address);

  private:
    std::optional<KnownUser> find(const std::string& user, const std::string& password);
    std::optional<KnownUser> findInDirectory(const std::string& user,
                                             const std::string& password) const;

    const UserTable& users_;
    ApiTokens& tokens_;
    SecondFactors& factors_;
    const UserDirectory* directory_ = nullptr;
    const Permissions* permissions_ = nullptr;  // with a directory
    AttemptLimiter ofUsers_;
    AttemptLimiter ofAddresses_;
};

/// Limits for addresses, behind which many may sit.
AttemptLimits addressLimits(const LoginLimits& limits = {});

}  // namespace coffer
