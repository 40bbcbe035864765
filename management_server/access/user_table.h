#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "management_server/access/password_hasher.h"
#include "management_server/database/server_database.h"

namespace coffer {

/// A user, without the password.
struct User {
    std::string name;
    bool mustChange = false;  // the password, before anything else
    Timestamp made{};
    Timestamp changed{};  // the password
    bool disabled = false;
};

/// Throws Error(invalidArgument) unless `name` can be that of a user or an agent: letters, digits,
/// '.', '-' and '_', the first a letter or digit, 64 at most. `whose` begins the complaint.
void checkPrincipalName(const std::string& name, const std::string& whose);

/// What passwords have to be like.
struct PasswordPolicy {
    std::size_t shortest = 12;  // characters
};

/// Throws Error(invalidArgument) for a password that is too short, too long (1,024 octets), the
/// user's own name (whatever its case), or one of those that everybody tries first.
void checkNewPassword(const std::string& user, const std::string& password,
                      const PasswordPolicy& policy = {});

/// A password that a person can copy: "k7mw-…", five groups of four out of 32 letters and digits
/// that are not mistaken for one another; 100 random bits.
std::string makeOneTimePassword();

/// The users in server.db; of their passwords it has Argon2id hashes alone. Safe to share between
/// threads.
class UserTable {
  public:
    /// All outlive it.
    UserTable(ServerDatabase& database, const Clock& clock, const PasswordHasher& hasher,
              const PasswordPolicy& policy = {});

    /// Throws Error(alreadyExists) for a name that there is, in whatever case, and
    /// (invalidArgument) as the checks above.
    void add(const std::string& name, const std::string& password, bool mustChange);

    /// Adds one who has every role: the first administrator.
    void addFirst(const std::string& name, const std::string& password);

    /// Throws Error(invalidArgument) for a password that the user must not have.
    void checkPassword(const std::string& name, const std::string& password) const {
        checkNewPassword(name, password, {.shortest = shortest_});
    }

    /// For passwords that are set from now on.
    void setPolicy(const PasswordPolicy& policy) { shortest_ = policy.shortest; }

    /// Throws Error(notFound), (invalidArgument).
    void setPassword(const std::string& name, const std::string& password, bool mustChange);

    std::optional<User> find(const std::string& name) const;

    /// Whether there is one of that name but for its case.
    bool hasInAnyCase(const std::string& name) const;
    std::vector<User> list() const;  // by name

    /// The user, when the password is right and he is not disabled. Costs the same whether there is
    /// such a user or not.
    std::optional<User> verify(const std::string& name, const std::string& password) const;

  private:
    template <class Work>
    void addThen(const std::string& name, const std::string& password, bool mustChange,
                 const Work& work);

    ServerDatabase& database_;
    const Clock& clock_;
    const PasswordHasher& hasher_;
    std::atomic<std::size_t> shortest_;  // password
    const std::string nobodys_;          // hash of a password that nobody has
};

}  // namespace coffer
