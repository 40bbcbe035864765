#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/chunk/chunk_id.h"
#include "core/source/attributes.h"

namespace coffer {

/// A stretch of content: a chunk, or a hole (no chunk).
struct Extent {
    std::uint64_t length = 0;
    std::optional<ChunkId> chunk;

    bool operator==(const Extent&) const = default;
};

/// The content of a file or stream: its extents, or where there are many, a list of lists of them.
struct Content {
    std::vector<Extent> extents;
    std::optional<ChunkId> list;  // then `extents` is empty
    std::uint8_t depth = 0;       // of the list: 0 refers to chunks, n to lists of depth n-1

    bool operator==(const Content&) const = default;

    /// Calls `each(id)` for every chunk that it refers to.
    template <class Each>
    void forEachReference(Each&& each) const {
        if (list) each(*list);
        for (const Extent& extent : extents) {
            if (extent.chunk) each(*extent.chunk);
        }
    }
};

enum class NameEncoding : std::uint8_t { octets = 0, utf8FromUtf16 = 1 };

/// Content beside the main one: an extended attribute too large to stand in the node, later the
/// alternate data streams of Windows.
struct NamedStream {
    enum class Kind : std::uint8_t { xattr = 1, alternateData = 2 };
    Kind kind = Kind::xattr;
    std::string name;
    std::uint64_t size = 0;
    Content content;

    bool operator==(const NamedStream&) const = default;
};

/// What was not as it should be when an entry was read; bits.
enum Condition : std::uint8_t {
    changedWhileRead = 1,  // the content mixes states
    unreadable = 2         // content, or what a folder holds, is missing or incomplete
};

/// One entry of a folder in a snapshot.
struct TreeNode {
    std::string name;
    NameEncoding nameEncoding = NameEncoding::octets;
    Attributes attributes;
    Content content;              // of files
    std::optional<ChunkId> tree;  // of folders; none when nothing of it could be read
    std::vector<NamedStream> streams;
    std::uint8_t condition = 0;

    bool operator==(const TreeNode&) const = default;

    bool isFolder() const { return attributes.type == EntryType::folder; }

    /// Canonical form: the same node always gives the same octets.
    Bytes encode() const;

    /// Throws Error(corrupt), or (unsupported) for a critical field it does not know.
    static TreeNode decode(ByteView data);

    /// Calls `each(id)` for every chunk the node refers to.
    template <class Each>
    void forEachReference(Each&& each) const {
        content.forEachReference(each);
        for (const NamedStream& stream : streams) stream.content.forEachReference(each);
        if (tree) each(*tree);
    }
};

}  // namespace coffer
