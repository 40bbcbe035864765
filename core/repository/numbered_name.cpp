#include "core/repository/numbered_name.h"

#include <charconv>
#include <cstdio>

namespace coffer {

std::string numberedName(std::string_view prefix, std::uint64_t number) {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(number));
    return std::string(prefix) + digits;
}

std::optional<std::uint64_t> numberOf(std::string_view prefix, std::string_view name) {
    if (!name.starts_with(prefix)) return {};
    const std::string_view digits = name.substr(prefix.size());
    std::uint64_t number = 0;
    const char* end = digits.data() + digits.size();
    const auto [stopped, failure] = std::from_chars(digits.data(), end, number, 16);
    if (failure != std::errc{} || stopped != end || numberedName(prefix, number) != name) return {};
    return number;
}

std::vector<std::string> numberedNames(ObjectStore& store, std::string_view prefix) {
    std::vector<std::string> names;
    store.list(prefix, [&](std::string_view name, std::uint64_t) {
        if (numberOf(prefix, name)) names.emplace_back(name);
    });
    return names;
}

}  // namespace coffer
