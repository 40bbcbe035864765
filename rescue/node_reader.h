#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/wire.h"
#include "core/chunk/chunk_id.h"
#include "core/source/attributes.h"

namespace coffer::rescue {

/// A stretch of content.
struct Extent {
    std::uint64_t length = 0;  // never 0
    bool hole = false;
    ChunkId chunk;  // zeros for a hole
};

/// Where octets are: extents, or a list chunk that leads to them.
struct Content {
    std::vector<Extent> extents;
    std::optional<ChunkId> list;
    unsigned depth = 0;  // of the list
};

/// An extended attribute too large for its node.
struct XattrStream {
    std::string name;
    std::uint64_t size = 0;
    Content content;
};

/// An entry of a folder, or the root of a snapshot (docs/formats/tree.md).
struct Node {
    std::string name;  // empty in the root
    Attributes attributes;
    Content content;
    std::optional<ChunkId> tree;  // none: nothing of the folder could be read
    std::vector<XattrStream> xattrStreams;
    bool otherStreams = false;  // has streams that no file system here can take
    bool unreadable = false;    // in part or whole, when it was backed up

    bool isFolder() const { return attributes.type == EntryType::folder; }
};

constexpr std::uint64_t nodeLimit = 8 * 1024 * 1024;
constexpr unsigned deepestList = 6;

/// Parses a node. Throws Error(corrupt, unsupported).
Node readNode(ByteView octets);

/// Parses one extent.
Extent readExtent(WireReader& in);

/// The sum of the lengths, at most 2^62. Throws Error(corrupt) when it is over.
std::uint64_t lengthOf(const std::vector<Extent>& extents);

}  // namespace coffer::rescue
