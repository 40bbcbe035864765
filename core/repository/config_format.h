#pragma once

#include <cstdint>
#include <string_view>

// Constants of docs/formats/repository.md, format 1: config, key objects and owner object.
namespace coffer::config_format {

constexpr std::string_view configMagic = "CofferRp";
constexpr std::string_view keysMagic = "CofferKy";
constexpr std::string_view ownerMagic = "CofferOw";
constexpr std::string_view storeMagic = "CofferSi";
constexpr std::uint16_t formatVersion = 1;

constexpr std::string_view configName = "config";
constexpr std::string_view firstKeysName = "keys/00000000";
constexpr std::string_view ownerName = "owner";
constexpr std::string_view storeName = "store";

constexpr std::uint64_t configLimit = 64 * 1024;  // octets, each of the three objects
constexpr std::size_t domainLimit = 256;

// What a signature is made for (SigningKey::sign).
constexpr std::string_view configPurpose = "coffer repository config";
constexpr std::string_view keysPurpose = "coffer key object";
constexpr std::string_view ownerPurpose = "coffer owner";

}  // namespace coffer::config_format
