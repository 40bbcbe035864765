// Distinguished names as a directory tells them, and names of users on their way into one.
#include "management_server/directory/distinguished_name.h"
#include "management_server/directory/ldap_text.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(textOf({data, size}));
    const auto base = DistinguishedName::parse("ou=people,dc=example");
    if (const auto name = DistinguishedName::parse(text)) {
        require(!name->isBelow(*name), "is not below itself");
    }
    // Whatever it is, filled in it stays one value.
    const std::string filled = ldapFilled("uid=%u,ou=people,dc=example", text);
    const auto user = DistinguishedName::parse(filled);
    require(text.empty() || filled.size() > 1'024 || (user && user->isBelow(*base)), "is a name");
    require(!user || user->leaf() == text, "is the value");
    return 0;
}
