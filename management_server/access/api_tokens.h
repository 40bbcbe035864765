#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "management_server/access/policy.h"
#include "management_server/database/server_database.h"

namespace coffer {

/// A token of a script, without its secret.
struct ApiToken {
    std::string id;  // 16 hexadecimal digits; no secret
    std::string user;
    std::string title;  // what it is for
    Timestamp made;
    Timestamp expires;
    std::optional<Timestamp> used;  // the last login
    std::vector<Grant> grants;      // what it may do, as far as its user may
};

/// Tokens by which scripts log in as a user, with a part of his rights and until a day: "cfa1-" and
/// 80 hexadecimal digits, of which server.db keeps a hash. Safe to share between threads.
class ApiTokens {
  public:
    static constexpr std::string_view prefix = "cfa1-";
    static constexpr std::size_t mostGrants = 20;  // of a token
    static constexpr std::int64_t longestDays = 400;

    /// Both outlive it.
    ApiTokens(ServerDatabase& database, const Clock& clock);

    /// Gives the token, which nobody can get again. Throws Error(invalidArgument) for a title of
    /// more than 100 octets, no grants or more than 20, an end not within 1 to 400 days,
    /// (limitExceeded) when the user has 100, (notFound) when there is no such user.
    std::string make(const std::string& user, const std::string& title, Timestamp expires,
                     const std::vector<Grant>& grants);

    /// Whose login it is; notes the use. Nothing for what is none, has ended or is of somebody
    /// else.
    std::optional<ApiToken> use(const std::string& user, const std::string& token);

    /// The same, whosever it is.
    std::optional<ApiToken> use(const std::string& token) { return useOf({}, token); }

    std::vector<ApiToken> list() const;         // by user and age
    ApiToken get(const std::string& id) const;  // Error(notFound)
    void remove(const std::string& id);         // Error(notFound)

  private:
    std::optional<ApiToken> useOf(const std::optional<std::string>& user, const std::string& token);

    ServerDatabase& database_;
    const Clock& clock_;
};

}  // namespace coffer
