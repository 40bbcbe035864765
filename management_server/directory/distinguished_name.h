#pragma once

#include <optional>
#include <string>
#include <vector>

namespace coffer {

/// A name in a directory (RFC 4514), "cn=staff,ou=groups,dc=example", taken apart by libldap.
/// Cases do not count. A value.
class DistinguishedName {
  public:
    /// Nothing for a text that is none, is empty, or has more than 1,024 octets.
    static std::optional<DistinguishedName> parse(const std::string& text);

    /// Whether it lies below the other, at any depth.
    bool isBelow(const DistinguishedName& upper) const;

    /// The value of its first part: "staff".
    const std::string& leaf() const { return leaf_; }

  private:
    std::vector<std::string> parts_;  // "cn=staff", lower case, values escaped
    std::string leaf_;
};

}  // namespace coffer
