#include <array>
#include <string_view>

#include "core/base/random.h"
#include "management_server/access/user_table.h"

namespace coffer {

std::string makeOneTimePassword() {
    // Without 0 and o, 1 and l.
    constexpr std::string_view letters = "23456789abcdefghijkmnpqrstuvwxyz";
    static_assert(letters.size() == 32);
    constexpr std::size_t length = 20;
    constexpr std::size_t group = 4;
    std::array<std::uint8_t, length> random{};
    fillRandom(random);
    std::string password;
    for (std::size_t at = 0; at < length; ++at) {
        if (at > 0 && at % group == 0) password += '-';
        password += letters[random.at(at) % letters.size()];
    }
    return password;
}

}  // namespace coffer
