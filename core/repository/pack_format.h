#pragma once

#include <cstdint>
#include <string_view>

// Constants of docs/formats/pack.md, format 1.
namespace coffer::pack_format {

constexpr std::string_view magic = "CofferPk";
constexpr std::string_view endMagic = "CofferPe";
constexpr std::uint16_t formatVersion = 1;

constexpr std::size_t keyBoxSize = 32 + 16 + 16 + 4 + 48;  // key, repository, pack, epoch; sealed
constexpr std::size_t headerSize = 8 + 2 + 2 + 4 + 16 + 16 + 2 * keyBoxSize;
constexpr std::size_t trailerSize = 8 + 4 + 4 + 1 + 3 + 8;

// What a reader accepts; writers stay well below.
constexpr std::uint64_t packLimit = 128ULL << 20;
constexpr std::uint32_t blockRawLimit = 16U << 20;
constexpr std::uint32_t directoryRawLimit = 64U << 20;
constexpr std::uint32_t blockCountLimit = 1U << 20;

// What a writer aims at.
constexpr std::uint64_t packTarget = 32ULL << 20;    // close the pack at this size…
constexpr std::size_t directoryTarget = 2ULL << 20;  // …or when its directory has this many octets
constexpr std::size_t sliceSize = 1ULL << 20;        // octets handed to the store at a time

// Purposes of derived keys and associated data.
constexpr std::string_view blockPurpose = "coffer block";
constexpr std::string_view directoryPurpose = "coffer directory";
constexpr std::string_view registrationPurpose = "coffer pack registration";

constexpr std::string_view folder = "packs/";

}  // namespace coffer::pack_format
