#include "core/base/mail_address.h"

#include <algorithm>

namespace coffer {

bool isMailAddress(std::string_view text) {
    constexpr std::size_t longest = 254;
    const bool plain = std::ranges::all_of(text, [](char c) {
        return c > ' ' && c != '<' && c != '>' && c != '"' && c != '(' && c != ')' && c != ',' &&
               c != '\x7f';
    });
    const auto at = text.find('@');
    return plain && text.size() <= longest && at != std::string_view::npos && at > 0 &&
           at + 1 < text.size() && text.find('@', at + 1) == std::string_view::npos;
}

}  // namespace coffer
