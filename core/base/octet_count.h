#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace coffer {

/// "500K", "20M", "4G", "1T": a whole number, with K, M, G or T for 1000, 1000², 1000³ or 1000⁴
/// octets, up to 10^15. Nothing for any other text.
std::optional<std::uint64_t> findOctetCount(std::string_view text);

/// The same; throws Error(invalidArgument).
std::uint64_t octetCount(std::string_view text);

}  // namespace coffer
