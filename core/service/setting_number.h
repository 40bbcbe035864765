#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

namespace coffer {

/// The number that the value of a setting is: decimal digits alone.
inline std::optional<std::uint64_t> settingNumber(const std::string& value) {
    std::uint64_t number = 0;
    const char* const last = value.data() + value.size();
    const auto [end, problem] = std::from_chars(value.data(), last, number);
    if (problem != std::errc{} || end != last) return {};
    return number;
}

}  // namespace coffer
