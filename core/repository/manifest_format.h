#pragma once

#include <cstdint>
#include <string_view>

// Constants of docs/formats/manifest.md, format 1.
namespace coffer::manifest_format {

constexpr std::string_view magic = "CofferMf";
constexpr std::uint16_t formatVersion = 1;
constexpr std::string_view folder = "manifest/";

constexpr std::size_t segmentTarget = 64 * 1024;     // start a new segment behind this size
constexpr std::uint64_t segmentLimit = 1024 * 1024;  // what a reader accepts
constexpr std::uint64_t recordLimit = 64 * 1024;

// Records of types from here on may be passed over by who does not know them, others must not.
constexpr std::uint8_t firstPassedOver = 128;

constexpr std::string_view recordPurpose = "coffer manifest record";
constexpr std::string_view snapshotPurpose = "coffer snapshot";

}  // namespace coffer::manifest_format
