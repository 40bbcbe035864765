#include "core/update/version.h"

#include <charconv>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

[[noreturn]] void refuse(std::string_view text) {
    throw Error(ErrorCode::invalidArgument,
                "\"" + printable(text.substr(0, 40)) + "\" is no version such as 1.4.0");
}

}  // namespace

Version Version::parse(std::string_view text) {
    Version version;
    std::string_view rest = text;
    for (std::uint32_t& number : version.numbers_) {
        const char* const end = rest.data() + rest.size();
        const auto [stop, error] = std::from_chars(rest.data(), end, number);
        const auto digits = static_cast<std::size_t>(stop - rest.data());
        if (error != std::errc() || number > largestNumber) refuse(text);
        if (digits > 1 && rest.front() == '0') refuse(text);
        rest.remove_prefix(digits);
        if (&number == &version.numbers_.back()) break;
        if (!rest.starts_with('.')) refuse(text);
        rest.remove_prefix(1);
    }
    if (!rest.empty()) refuse(text);
    return version;
}

std::string Version::text() const {
    return std::to_string(numbers_[0]) + "." + std::to_string(numbers_[1]) + "." +
           std::to_string(numbers_[2]);
}

}  // namespace coffer
