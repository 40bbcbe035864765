#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace coffer {

/// The state of SHA-256 between two blocks, with its initial value (FIPS 180-4, 5.3.3).
using Sha256State = std::array<std::uint32_t, 8>;
inline constexpr Sha256State sha256Initial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                              0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
inline constexpr std::size_t sha256Block = 64;  // octets

/// Whether the processor has the instructions that the functions below are made of.
bool haveSha256Instructions();

/// Takes `count` blocks into a state (FIPS 180-4, 6.2.2). Safe to call from any thread.
void sha256Blocks(Sha256State& state, const std::uint8_t* blocks, std::size_t count);

/// The same for two messages side by side, in hardly more time than one of them takes: each round
/// has to wait for the one before, and the other message fills that gap.
void sha256Blocks(Sha256State& first, const std::uint8_t* blocksOfFirst, Sha256State& second,
                  const std::uint8_t* blocksOfSecond, std::size_t count);

}  // namespace coffer
