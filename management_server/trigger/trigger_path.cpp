#include "management_server/trigger/trigger_path.h"

#include <string_view>

namespace coffer {

namespace {

constexpr std::string_view before = "/tasks/";
constexpr std::string_view behind = "/run";
constexpr std::size_t longestName = 1'024;  // as it comes

int digitOf(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> decoded(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            plain += text[at];
            continue;
        }
        if (text.size() - at < 3) return {};
        const int high = digitOf(text[at + 1]);
        const int low = digitOf(text[at + 2]);
        if (high < 0 || low < 0 || high + low == 0) return {};
        plain += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return plain;
}

}  // namespace

std::optional<std::string> taskInPath(const std::string& path) {
    if (!path.starts_with(before) || !path.ends_with(behind)) return {};
    if (path.size() <= before.size() + behind.size()) return {};
    const std::string_view name =
        std::string_view(path).substr(before.size(), path.size() - before.size() - behind.size());
    if (name.size() > longestName || name.find('/') != name.npos) return {};
    return decoded(name);
}

}  // namespace coffer
