#pragma once

#include <string>
#include <string_view>

namespace coffer {

/// A value within a search filter (RFC 4515) or a distinguished name (RFC 4514): every octet but
/// letters, digits, '.', '-' and '_' as "\2a", which both of them allow for any octet.
std::string ldapEscaped(std::string_view value);

/// A pattern with the value, escaped, in each place of "%u".
std::string ldapFilled(std::string_view pattern, std::string_view value);

/// In lower case, as far as it is ASCII: directories do not tell cases apart.
std::string ldapLowered(std::string_view text);

}  // namespace coffer
