#include "management_panel/cli/duration.h"

#include <charconv>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer::cli {

namespace {

constexpr std::uint32_t longest = 366 * 24 * 3600;

std::uint32_t factorOf(std::string_view unit) {
    if (unit.empty() || unit == "s") return 1;
    if (unit == "m") return 60;
    if (unit == "h") return 3600;
    if (unit == "d") return 24 * 3600;
    return 0;
}

}  // namespace

std::uint32_t secondsIn(const std::string& text) {
    std::uint32_t count = 0;
    const char* end = text.data() + text.size();
    const auto [unit, failure] = std::from_chars(text.data(), end, count);
    const std::uint32_t factor = factorOf({unit, end});
    if (failure != std::errc() || factor == 0 || count == 0 || count > longest / factor) {
        throw Error(ErrorCode::invalidArgument,
                    "'" + printable(text) + "' is no time such as 15m, 24h or 7d");
    }
    return count * factor;
}

std::string checkDuration(std::string& word) {
    try {
        static_cast<void>(secondsIn(word));
        return {};
    } catch (const Error& error) {
        return error.what();
    }
}

}  // namespace coffer::cli
