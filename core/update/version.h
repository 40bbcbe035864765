#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace coffer {

/// Version of a program: three numbers, "1.4.0". A value; ordered number by number.
class Version {
  public:
    static constexpr std::uint32_t largestNumber = 999'999;

    Version() = default;  // "0.0.0": before all others

    /// Throws Error(invalidArgument) for anything but three decimal numbers up to largestNumber,
    /// without leading zeros.
    static Version parse(std::string_view text);

    std::string text() const;

    auto operator<=>(const Version&) const = default;

  private:
    std::array<std::uint32_t, 3> numbers_{};
};

}  // namespace coffer
