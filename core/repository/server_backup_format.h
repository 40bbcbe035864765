#pragma once

#include <cstdint>
#include <string_view>

// Constants of docs/formats/server-backup.md, format 1.
namespace coffer::server_backup_format {

constexpr std::string_view folder = "server/";
constexpr std::string_view magic = "CofferSb";
constexpr std::uint16_t formatVersion = 1;
constexpr std::string_view purpose = "coffer server backup";
constexpr std::string_view partLabel = "coffer server backup part";

constexpr std::size_t headLimit = 256;             // octets
constexpr std::size_t longestName = 200;           // of a file
constexpr std::size_t partSize = 1 << 20;          // content, before it is compressed
constexpr std::size_t partLimit = partSize + 256;  // a part sealed
constexpr std::uint32_t mostParts = 1 << 17;
// Of all of it: the head, each part with its length, the end and the signature.
constexpr std::uint64_t sizeLimit = headLimit + mostParts * (partLimit + 4ULL) + 4 + 64;

}  // namespace coffer::server_backup_format
