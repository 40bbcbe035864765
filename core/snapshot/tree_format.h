#pragma once

#include <cstdint>

// Constants of docs/formats/tree.md, format 1: trees, nodes and lists.
namespace coffer::tree_format {

constexpr std::uint8_t formatVersion = 1;

// Forms of a tree chunk.
constexpr std::uint8_t wholeForm = 0;      // all entries of a folder
constexpr std::uint8_t segmentForm = 1;    // the entries of one segment of a large folder
constexpr std::uint8_t segmentedForm = 2;  // the list of a large folder's segments

// A field's tag is its number times two, plus one when a reader that does not know it must not go
// on.
constexpr std::uint64_t critical = 1;
enum Field : std::uint64_t {
    nameField = 1,           // octets
    nameEncodingField = 2,   // u8: 0 octets (left out), 1 UTF-8 from UTF-16
    typeField = 3,           // u8, EntryType
    sizeField = 4,           // varint
    contentField = 5,        // extents, or the list of them; 6 is not used
    treeField = 7,           // id
    linkTargetField = 8,     // octets
    deviceField = 9,         // varint major, varint minor
    hardLinkField = 10,      // varint device, varint inode
    streamField = 11,        // a named stream; may be repeated
    conditionField = 12,     // u8, bits of Condition
    modeField = 13,          // varint
    ownerField = 14,         // varint uid, varint gid
    ownerNamesField = 15,    // sized user, sized group
    modificationField = 16,  // time
    birthField = 17,         // time
    inodeFlagsField = 18,    // u32
    xattrField = 19          // sized name, sized value; may be repeated, ascending names
};

// Limits a reader holds to, and a writer keeps.
constexpr std::uint64_t nameLimit = 4096;
constexpr std::uint64_t accountNameLimit = 1024;
constexpr std::uint64_t linkTargetLimit = 64 * 1024;
constexpr std::uint64_t xattrNameLimit = 1024;
constexpr std::uint64_t xattrValueLimit = 4 * 1024 * 1024;
constexpr std::uint64_t nodeLimit = 8 * 1024 * 1024;
constexpr std::size_t inlineExtentLimit = 64;
constexpr std::size_t listItemLimit = 1024;  // items of one list chunk
constexpr std::uint8_t listDepthLimit = 6;
constexpr unsigned segmentBitsLimit = 18;  // their list still fits a block

// So that a segment whose nodes are all as large as can be fits a block (16 MiB).
constexpr std::size_t xattrInlineLimit = 1024;  // octets of names and values; more go to streams
constexpr std::size_t segmentEntries = 2048;    // a folder with more entries is cut into segments

}  // namespace coffer::tree_format
