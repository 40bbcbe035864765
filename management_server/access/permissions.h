#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/guarded.h"
#include "management_server/access/policy.h"
#include "management_server/database/server_database.h"

namespace coffer {

/// A grant of server.db and who has it.
struct HeldGrant {
    std::int64_t number = 0;
    std::string holder;  // "user:ann", "group:backup"
    Grant grant;
};

/// Grants as they stand in server.db.
Bytes encodeGrants(const std::vector<Grant>& grants);
std::vector<Grant> decodeGrants(ByteView blob);  // Error(corrupt)

/// Throws Error(invalidArgument) for a component that is none, or more than 1,000 agents.
void checkGrant(const Grant& grant);

/// Which users may do what: who is enabled, groups and grants, in server.db and, for quick answers,
/// in memory. Every change is refused, Error(conflict), that would leave nobody who is an
/// administrator of everything. Safe to share between threads.
class Permissions {
  public:
    /// The database outlives it.
    explicit Permissions(ServerDatabase& database);

    /// What a user has, by himself and by groups; nothing when he is disabled or unknown.
    std::vector<Grant> of(const std::string& user) const;

    /// What these groups have together.
    std::vector<Grant> ofGroups(const std::vector<std::string>& groups) const;

    /// Those of the groups that are there.
    std::vector<std::string> known(std::vector<std::string> groups) const;

    /// Enabled users with a right over everything.
    std::vector<std::string> usersWith(Right right) const;

    /// Takes the user out of everything. Throws Error(notFound).
    void removeUser(const std::string& name);
    void setEnabled(const std::string& name, bool enabled);

    void addGroup(const std::string& name);     // Error(alreadyExists)
    void removeGroup(const std::string& name);  // with its grants; Error(notFound)
    void addMember(const std::string& group, const std::string& user);
    void removeMember(const std::string& group, const std::string& user);
    std::map<std::string, std::vector<std::string>> groups() const;  // members by group

    /// Gives the number of the grant. Throws Error(notFound) for a holder that is not there.
    std::int64_t add(const std::string& holder, const Grant& grant);
    HeldGrant get(std::int64_t number) const;  // Error(notFound)
    void remove(std::int64_t number);
    std::vector<HeldGrant> grants() const;
    std::vector<HeldGrant> grantsOf(const std::string& user) const;  // his groups' too
    std::vector<HeldGrant> grantsOfGroups(const std::vector<std::string>& groups) const;

    /// Users have been added, or grants changed.
    void reload();

    /// Grants of users, groups and tokens that name an agent name it by another name from now on.
    /// Gives the ids of the tokens. Within ServerDatabase::change; then reload().
    static std::vector<std::string> renameAgent(SqlDatabase& database, const std::string& name,
                                                const std::string& fresh);

    /// Gives a user every role; for the first administrator.
    static void giveAllRoles(SqlDatabase& database, const std::string& user);

  private:
    struct Book {
        std::map<std::string, std::vector<Grant>> users;  // enabled ones, with their groups' grants
        std::map<std::string, std::vector<Grant>> groups;  // all
    };

    std::vector<HeldGrant> grantsOfHolders(const std::set<std::string>& holders) const;
    static Book load(SqlDatabase& database);
    template <class Work>
    auto change(Work&& work);

    ServerDatabase& database_;
    Guarded<Book> book_;
};

}  // namespace coffer
