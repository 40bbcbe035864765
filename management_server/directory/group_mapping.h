#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "management_server/directory/distinguished_name.h"

namespace coffer {

/// Which groups of Coffer the groups of a directory stand for. Immutable, safe to share.
class GroupMapping {
  public:
    GroupMapping() = default;

    /// `base`: groups count that lie below it, if there is one. `prefix`, unless empty: of a name
    /// that begins with it the rest is the group's name in Coffer. `table`: "name:group of Coffer".
    /// Throws Error(invalidArgument).
    GroupMapping(const std::string& base, const std::string& prefix,
                 const std::vector<std::string>& table);

    bool empty() const { return prefix_.empty() && table_.empty(); }

    /// `groups` as they stand in a user's entry: distinguished names, or plain ones when there is
    /// no base. Each result once.
    std::vector<std::string> of(const std::vector<std::string>& groups) const;

  private:
    std::optional<std::string> nameOf(const std::string& group) const;

    std::optional<DistinguishedName> base_;
    std::string prefix_;                             // lower case
    std::multimap<std::string, std::string> table_;  // by name in lower case
};

}  // namespace coffer
