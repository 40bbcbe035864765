#include "core/snapshot/extent_codec.h"

#include "core/base/error.h"
#include "core/snapshot/tree_format.h"

namespace coffer {

namespace format = tree_format;

namespace {
constexpr std::uint64_t lengthLimit = std::uint64_t{1} << 62;
constexpr std::uint8_t inlineForm = 0;
constexpr std::uint8_t listForm = 1;
}  // namespace

void writeExtent(WireWriter& writer, const Extent& extent) {
    writer.varint(extent.length << 1 | (extent.chunk ? 0 : 1));
    if (extent.chunk) writer.raw(extent.chunk->view());
}

Extent readExtent(WireReader& reader) {
    const std::uint64_t word = reader.bounded(lengthLimit << 1, "length of an extent");
    Extent extent;
    extent.length = word >> 1;
    if (extent.length == 0) throw Error(ErrorCode::corrupt, "an extent of no length");
    if ((word & 1) == 0) extent.chunk = reader.id<ChunkId>();
    return extent;
}

void writeContent(WireWriter& writer, const Content& content) {
    if (content.list) {
        writer.u8(listForm);
        writer.u8(content.depth);
        writer.raw(content.list->view());
        return;
    }
    writer.u8(inlineForm);
    for (const Extent& extent : content.extents) writeExtent(writer, extent);
}

Content readContent(WireReader& reader) {
    Content content;
    const std::uint8_t form = reader.u8();
    if (form == listForm) {
        content.depth = reader.u8();
        if (content.depth > format::listDepthLimit) {
            throw Error(ErrorCode::corrupt, "a list is nested too deeply");
        }
        content.list = reader.id<ChunkId>();
        return content;
    }
    if (form != inlineForm) throw Error(ErrorCode::corrupt, "unknown form of content");
    while (!reader.atEnd()) {
        if (content.extents.size() == format::inlineExtentLimit) {
            throw Error(ErrorCode::corrupt, "too many extents in a node");
        }
        content.extents.push_back(readExtent(reader));
    }
    return content;
}

std::uint64_t totalLength(const std::vector<Extent>& extents) {
    std::uint64_t sum = 0;
    for (const Extent& extent : extents) {
        sum += extent.length;
        if (sum > lengthLimit) throw Error(ErrorCode::corrupt, "the extents are too long");
    }
    return sum;
}

}  // namespace coffer
