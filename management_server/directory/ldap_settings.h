#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/service/settings_file.h"
#include "management_server/directory/group_mapping.h"
#include "management_server/directory/ldap_connection.h"

namespace coffer {

/// The directory whose users may log in, too.
struct LdapSettings {
    LdapConnection::Place place;
    std::string userName;      // pattern of a user's distinguished name; empty: he is searched for
    std::string searcher;      // distinguished name of who searches; empty: anybody may
    std::string passwordFile;  // of him
    std::string base;          // where to search
    std::string filter;        // pattern
    std::string attribute;     // of a user's entry, that names his groups
    GroupMapping groups;

    /// Nothing when there is none. Throws Error(invalidArgument) that names the setting.
    static std::optional<LdapSettings> read(const SettingsFile& file);

    static const std::vector<SettingRule>& rules();
};

}  // namespace coffer
