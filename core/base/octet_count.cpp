#include "core/base/octet_count.h"

#include <charconv>
#include <string>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::uint64_t largest = 1'000'000'000'000'000;

std::uint64_t unitOf(char letter) {
    switch (letter) {
        case 'K':
            return 1'000;
        case 'M':
            return 1'000'000;
        case 'G':
            return 1'000'000'000;
        case 'T':
            return 1'000'000'000'000;
        default:
            return 1;
    }
}

}  // namespace

std::optional<std::uint64_t> findOctetCount(std::string_view text) {
    const std::uint64_t unit = text.empty() ? 1 : unitOf(text.back());
    if (unit > 1) text.remove_suffix(1);
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, number);
    if (failure != std::errc() || rest != end || number > largest / unit) return {};
    return number * unit;
}

std::uint64_t octetCount(std::string_view text) {
    if (const auto count = findOctetCount(text)) return *count;
    throw Error(ErrorCode::invalidArgument, "'" + printable(std::string(text.substr(0, 40))) +
                                                "' is no size: write 500K, 20M or 4G");
}

}  // namespace coffer
