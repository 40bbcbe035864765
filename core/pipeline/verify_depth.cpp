#include "core/pipeline/verify_depth.h"

#include <charconv>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {
constexpr std::string_view samplePrefix = "sample=";
}  // namespace

VerifyDepth VerifyDepth::parse(std::string_view text) {
    if (text == "structure") return {Kind::structure, 0};
    if (text == "full") return {Kind::full, 100};
    if (text.starts_with(samplePrefix)) {
        const std::string_view digits = text.substr(samplePrefix.size());
        unsigned percent = 0;
        const auto [end, fault] =
            std::from_chars(digits.data(), digits.data() + digits.size(), percent);
        if (fault == std::errc{} && end == digits.data() + digits.size() && percent >= 1 &&
            percent <= 100) {
            return {Kind::sample, percent};
        }
    }
    throw Error(ErrorCode::invalidArgument,
                "a depth is 'structure', 'sample=' with a number from 1 to 100, or 'full', not '" +
                    printable(std::string(text.substr(0, 40))) + "'");
}

std::string VerifyDepth::text() const {
    switch (kind) {
        case Kind::structure:
            return "structure";
        case Kind::sample:
            return std::string(samplePrefix) + std::to_string(percent);
        case Kind::full:
            break;
    }
    return "full";
}

}  // namespace coffer
