#pragma once

#include <optional>
#include <string>

#include "core/base/clock.h"
#include "management_server/access/password_hasher.h"
#include "management_server/database/server_database.h"

namespace coffer {

/// A user, without the password.
struct User {
    std::string name;
    bool mustChange = false;  // the password, before anything else
    Timestamp made;
    Timestamp changed;  // the password
};

/// Throws Error(invalidArgument) unless `name` can be that of a user or an agent: letters, digits,
/// '.', '-' and '_', the first a letter or digit, 64 at most. `whose` begins the complaint.
void checkPrincipalName(const std::string& name, const std::string& whose);

/// Throws Error(invalidArgument) for a password that is too short (12 characters), too long (1,024
/// octets) or the user's own name.
void checkNewPassword(const std::string& user, const std::string& password);

/// A password that a person can copy: "k7mw-…", five groups of four out of 32 letters and digits
/// that are not mistaken for one another; 100 random bits.
std::string makeOneTimePassword();

/// The users in server.db; of their passwords it has Argon2id hashes alone. Safe to share between
/// threads.
class UserTable {
  public:
    /// All outlive it.
    UserTable(ServerDatabase& database, const Clock& clock, const PasswordHasher& hasher);

    /// Throws Error(alreadyExists), and (invalidArgument) as the checks above.
    void add(const std::string& name, const std::string& password, bool mustChange);

    /// Throws Error(notFound), (invalidArgument).
    void setPassword(const std::string& name, const std::string& password, bool mustChange);

    std::optional<User> find(const std::string& name) const;

    /// The user, when the password is right. Costs the same whether there is such a user or not.
    std::optional<User> verify(const std::string& name, const std::string& password) const;

  private:
    ServerDatabase& database_;
    const Clock& clock_;
    const PasswordHasher& hasher_;
    const std::string nobodys_;  // hash of a password that nobody has
};

}  // namespace coffer
