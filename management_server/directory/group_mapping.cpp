#include "management_server/directory/group_mapping.h"

#include <set>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "management_server/access/user_table.h"
#include "management_server/directory/ldap_text.h"

namespace coffer {

namespace {

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(' ');
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

GroupMapping::GroupMapping(const std::string& base, const std::string& prefix,
                           const std::vector<std::string>& table)
    : prefix_(ldapLowered(prefix)) {
    if (!base.empty()) {
        base_ = DistinguishedName::parse(base);
        if (!base_) throw Error(ErrorCode::invalidArgument, "the base is no distinguished name");
    }
    for (const std::string& line : table) {
        const auto colon = line.rfind(':');
        const std::string name = trimmed(line.substr(0, colon));
        if (colon == line.npos || name.empty()) {
            throw Error(ErrorCode::invalidArgument,
                        "'" + printable(line.substr(0, 100)) + "' is not NAME:GROUP");
        }
        const std::string group = trimmed(line.substr(colon + 1));
        checkPrincipalName(group, "a group's");
        table_.emplace(ldapLowered(name), group);
    }
}

std::vector<std::string> GroupMapping::of(const std::vector<std::string>& groups) const {
    std::set<std::string> found;
    for (const std::string& group : groups) {
        const std::optional<std::string> name = nameOf(group);
        if (!name) continue;
        const std::string low = ldapLowered(*name);
        const auto [first, last] = table_.equal_range(low);
        for (auto each = first; each != last; ++each) found.insert(each->second);
        if (!prefix_.empty() && low.starts_with(prefix_))
            found.insert(name->substr(prefix_.size()));
    }
    return {found.begin(), found.end()};
}

std::optional<std::string> GroupMapping::nameOf(const std::string& group) const {
    const std::optional<DistinguishedName> name = DistinguishedName::parse(group);
    if (base_) return name && name->isBelow(*base_) ? std::optional(name->leaf()) : std::nullopt;
    return name ? name->leaf() : group;
}

}  // namespace coffer
