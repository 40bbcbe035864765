#pragma once

#include <semaphore>
#include <string>

#include "management_server/access/user_directory.h"
#include "management_server/directory/ldap_settings.h"

namespace coffer {

/// Users of an LDAP directory: finds the user's entry, and lets the directory check the password by
/// binding as it. Four logins at a time; who comes then is to come back, so that a directory that
/// does not answer holds four threads at most. Safe to share between threads.
class LdapDirectory : public UserDirectory {
  public:
    /// Reads the searcher's password. Throws Error naming a file that is not fit.
    explicit LdapDirectory(LdapSettings settings);

    std::optional<std::vector<std::string>> verify(const std::string& name,
                                                   const std::string& password) const override;

    /// Whether a user of the directory can be called so: as a local user, but in lower case alone,
    /// because "Ann" and "ann" are one there, and would be two here.
    static bool isName(const std::string& name);

  private:
    std::optional<LdapEntry> enter(const std::string& name, const std::string& password) const;
    std::optional<LdapEntry> find(LdapConnection& connection, const std::string& name) const;

    const LdapSettings settings_;
    const std::string secret_;
    mutable std::counting_semaphore<> turns_;
};

}  // namespace coffer
