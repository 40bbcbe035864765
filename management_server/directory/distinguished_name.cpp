#include "management_server/directory/distinguished_name.h"

#include <ldap.h>

#include <algorithm>
#include <memory>

#include "management_server/directory/ldap_text.h"

namespace coffer {

namespace {

constexpr std::size_t longest = 1'024;

struct Freed {
    void operator()(LDAPRDN* parts) const { ::ldap_dnfree(parts); }
};

std::string textOf(const berval& value) {
    return {value.bv_val, value.bv_len};
}

// One part: "cn=staff", or "cn=staff+ou=x" in the order in which it stands.
std::string partOf(LDAPRDN part) {
    std::string text;
    for (std::size_t i = 0; part[i] != nullptr; ++i) {
        if (i > 0) text += '+';
        text += ldapLowered(textOf(part[i]->la_attr)) + '=' +
                ldapEscaped(ldapLowered(textOf(part[i]->la_value)));
    }
    return text;
}

}  // namespace

std::optional<DistinguishedName> DistinguishedName::parse(const std::string& text) {
    // The library would stop at a zero.
    if (text.empty() || text.size() > longest || text.find('\0') != text.npos) return {};
    LDAPDN parsed = nullptr;
    const int result = ::ldap_str2dn(text.c_str(), &parsed, LDAP_DN_FORMAT_LDAPV3);
    const std::unique_ptr<LDAPRDN, Freed> parts(parsed);
    if (result != LDAP_SUCCESS || parsed == nullptr || parsed[0] == nullptr) return {};
    DistinguishedName name;
    for (std::size_t i = 0; parsed[i] != nullptr; ++i) name.parts_.push_back(partOf(parsed[i]));
    name.leaf_ = textOf(parsed[0][0]->la_value);
    return name;
}

bool DistinguishedName::isBelow(const DistinguishedName& upper) const {
    return parts_.size() > upper.parts_.size() &&
           std::equal(upper.parts_.rbegin(), upper.parts_.rend(), parts_.rbegin());
}

}  // namespace coffer
