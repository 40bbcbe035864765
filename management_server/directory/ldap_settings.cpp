#include "management_server/directory/ldap_settings.h"

#include <algorithm>
#include <string_view>

#include "core/base/error.h"
#include "core/trust/pinned_authority.h"

namespace coffer {

namespace {

constexpr std::string_view tls = "ldaps://";
constexpr std::string_view startTls = "ldap://";
constexpr std::uint16_t tlsPort = 636;
constexpr std::uint16_t startTlsPort = 389;

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::invalidArgument, why);
}

std::string checkedName(const std::string& text) {
    if (!text.empty() && !DistinguishedName::parse(text)) refuse("is no distinguished name");
    return text;
}

// One host: libldap would take several, and sockets of this computer.
void readUrl(const std::string& url, LdapConnection::Place& place) {
    const bool wrapped = url.starts_with(tls);
    if (!wrapped && !url.starts_with(startTls)) refuse("begins with ldaps:// or ldap://");
    std::string host = url.substr((wrapped ? tls : startTls).size());
    if (host.ends_with('/')) host.pop_back();
    const bool plain = std::ranges::all_of(host, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
    });
    if (host.empty() || !plain) refuse("names a host, \"ldaps://directory.example:636\"");
    const Endpoint end = Endpoint::parse(host, wrapped ? tlsPort : startTlsPort);
    place.url = std::string(wrapped ? tls : startTls) + end.text();
    place.startTls = !wrapped;
}

void readSearch(const SettingsFile& file, LdapSettings& settings) {
    settings.searcher =
        file.named("ldap.bind-dn", [&] { return checkedName(file.text("ldap.bind-dn")); });
    settings.passwordFile = file.named("ldap.password-file", [&] {
        if (settings.searcher.empty() != file.text("ldap.password-file").empty()) {
            refuse("goes with ldap.bind-dn");
        }
        return file.text("ldap.password-file");
    });
    settings.base = file.named("ldap.search-base", [&] {
        if (file.text("ldap.search-base").empty()) refuse("is needed, or ldap.user-dn");
        return checkedName(file.text("ldap.search-base"));
    });
    settings.filter = file.named("ldap.search-filter", [&] {
        const std::string filter = file.text("ldap.search-filter");
        if (!filter.starts_with('(') || !filter.ends_with(')') ||
            filter.find("%u") == filter.npos) {
            refuse("stands in brackets and has %u for the user's name");
        }
        return filter;
    });
}

}  // namespace

const std::vector<SettingRule>& LdapSettings::rules() {
    static const std::vector<SettingRule> all = {
        {"ldap.url", "",
         "Users of this directory may log in, too: ldaps://HOST:PORT, or ldap://HOST:PORT, which\n"
         "begins with StartTLS. Empty: no directory. Users of this server come first.",
         SettingForm{SettingType::address}},
        {"ldap.ca-file", "",
         "Certificates (PEM) by which the directory is checked. Empty: those of the system.",
         SettingForm{SettingType::path}},
        {"ldap.user-dn", "",
         "What a user is called there, with %u for his name: uid=%u,ou=people,dc=example. Empty:\n"
         "he is searched for."},
        {"ldap.bind-dn", "", "Who searches. Empty: the directory lets anybody search."},
        {"ldap.password-file", "", "His password stands alone in this file, mode 0600.",
         SettingForm{SettingType::path}},
        {"ldap.search-base", "", "Below this users are searched for: ou=people,dc=example"},
        {"ldap.search-filter", "(uid=%u)", "By this, with %u for the user's name."},
        {"ldap.groups-attribute", "memberOf", "Where a user's entry names his groups."},
        {"ldap.groups-base", "", "Groups count that lie below this. Empty: all."},
        {"ldap.group-prefix", "",
         "Of groups whose names begin with this the rest is the name of the group here: with\n"
         "coffer- the group coffer-operators is 'operators'."},
        {"ldap.groups", "",
         "Further groups that stand for groups here, separated by ',': NAME:GROUP.",
         SettingForm{SettingType::list}},
        {"ldap.timeout-seconds", "10", "A login waits so long for the directory.",
         numberForm(1, 60, "seconds")},
    };
    return all;
}

std::optional<LdapSettings> LdapSettings::read(const SettingsFile& file) {
    if (file.text("ldap.url").empty()) return {};
    LdapSettings settings;
    file.named("ldap.url", [&] { readUrl(file.text("ldap.url"), settings.place); });
    const std::string authority = file.text("ldap.ca-file");
    if (!authority.empty()) settings.place.authorityFile = authority;
    settings.place.patience = std::chrono::seconds(file.number("ldap.timeout-seconds"));
    settings.userName = file.named("ldap.user-dn", [&] {
        const std::string name = checkedName(file.text("ldap.user-dn"));
        if (!name.empty() && name.find("%u") == name.npos) refuse("has %u for the user's name");
        return name;
    });
    if (settings.userName.empty()) readSearch(file, settings);
    settings.attribute = file.named("ldap.groups-attribute", [&] {
        if (file.text("ldap.groups-attribute").empty()) refuse("is needed");
        return file.text("ldap.groups-attribute");
    });
    settings.groups = file.named("ldap.groups", [&] {
        GroupMapping groups(file.text("ldap.groups-base"), file.text("ldap.group-prefix"),
                            file.list("ldap.groups"));
        if (groups.empty()) refuse("or ldap.group-prefix is needed: nobody could log in");
        return groups;
    });
    return settings;
}

}  // namespace coffer
