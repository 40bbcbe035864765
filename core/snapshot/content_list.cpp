#include "core/snapshot/content_list.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/repository/envelope.h"
#include "core/snapshot/extent_codec.h"
#include "core/snapshot/tree_format.h"

namespace coffer {

namespace format = tree_format;

Bytes ContentList::encode() const {
    WireWriter writer;
    writer.u8(format::formatVersion);
    writer.u8(depth);
    writer.varint(items.size());
    for (const Extent& item : items) writeExtent(writer, item);
    return writer.take();
}

ContentList ContentList::decode(ByteView data) {
    WireReader reader(data);
    checkVersion(reader.u8(), format::formatVersion);
    ContentList list;
    list.depth = reader.u8();
    if (list.depth > format::listDepthLimit) {
        throw Error(ErrorCode::corrupt, "list: nested too deeply");
    }
    const std::uint64_t count = reader.bounded(format::listItemLimit, "number of list items");
    for (std::uint64_t i = 0; i < count; ++i) {
        list.items.push_back(readExtent(reader));
        if (list.depth > 0 && !list.items.back().chunk) {
            throw Error(ErrorCode::corrupt, "list: a hole among lists");
        }
    }
    reader.expectEnd();
    totalLength(list.items);
    return list;
}

void ContentBuilder::add(Extent extent) {
    if (extent.length == 0) return;
    length_ += extent.length;
    std::vector<Extent>& leaf = levels_.front();
    if (!extent.chunk && !leaf.empty() && !leaf.back().chunk) {
        leaf.back().length += extent.length;
        return;
    }
    if (leaf.size() == format::listItemLimit) spill(0);
    levels_.front().push_back(extent);
}

// Turns what a level has gathered into a list chunk, one item of the level above.
void ContentBuilder::spill(std::size_t depth) {
    ContentList list;
    list.depth = static_cast<std::uint8_t>(depth);
    list.items = std::move(levels_[depth]);
    levels_[depth].clear();
    std::vector<ChunkId> references;
    for (const Extent& item : list.items) {
        if (item.chunk) references.push_back(*item.chunk);
    }
    const std::uint64_t length = totalLength(list.items);
    const ChunkId id = store_(list.encode(), std::move(references));
    if (levels_.size() == depth + 1) levels_.emplace_back();
    if (levels_[depth + 1].size() == format::listItemLimit) spill(depth + 1);
    levels_[depth + 1].push_back({length, id});
}

Content ContentBuilder::finish() {
    Content content;
    if (levels_.size() == 1 && levels_[0].size() <= format::inlineExtentLimit) {
        content.extents = std::move(levels_[0]);
        return content;
    }
    for (std::size_t depth = 0; depth < levels_.size(); ++depth) {
        const bool isTop = depth + 1 == levels_.size();
        if (isTop && depth > 0 && levels_[depth].size() == 1) {
            content.list = levels_[depth].front().chunk;
            content.depth = static_cast<std::uint8_t>(depth - 1);
            return content;
        }
        if (!levels_[depth].empty()) spill(depth);
    }
    throw Error(ErrorCode::internal, "a list without an end");
}

namespace {

class ListWalk {
  public:
    ListWalk(ChunkSource& chunks,
             const std::function<bool(std::uint64_t offset, const Extent&)>& each,
             std::uint64_t from)
        : chunks_(chunks), each_(each), from_(from) {}

    bool extents(const std::vector<Extent>& items) {
        for (const Extent& extent : items) {
            if (!passes(extent) && !each_(offset_, extent)) return false;
            offset_ += extent.length;
        }
        return true;
    }

    bool list(const ChunkId& id, std::uint8_t depth) {
        const ContentList list = ContentList::decode(chunks_.read(id));
        if (list.depth != depth) throw Error(ErrorCode::corrupt, "list: its depth does not match");
        if (depth == 0) return extents(list.items);
        for (const Extent& item : list.items) {
            const std::uint64_t end = offset_ + item.length;
            if (passes(item)) {
                offset_ = end;
                continue;
            }
            if (!this->list(*item.chunk, static_cast<std::uint8_t>(depth - 1))) return false;
            if (offset_ != end) throw Error(ErrorCode::corrupt, "list: its length does not match");
        }
        return true;
    }

  private:
    bool passes(const Extent& item) const { return from_ > 0 && offset_ + item.length <= from_; }

    ChunkSource& chunks_;
    const std::function<bool(std::uint64_t offset, const Extent&)>& each_;
    const std::uint64_t from_;
    std::uint64_t offset_ = 0;
};

}  // namespace

void forEachExtent(const Content& content, ChunkSource& chunks,
                   const std::function<bool(std::uint64_t offset, const Extent&)>& each,
                   std::uint64_t from) {
    ListWalk walk(chunks, each, from);
    if (content.list) {
        walk.list(*content.list, content.depth);
    } else {
        walk.extents(content.extents);
    }
}

void readContent(const Content& content, ChunkSource& chunks, std::uint64_t offset,
                 std::span<std::uint8_t> out) {
    std::size_t filled = 0;
    const auto take = [&](std::uint64_t start, const Extent& extent) {
        const std::uint64_t first = offset + filled - start;
        const auto part = out.subspan(filled, static_cast<std::size_t>(std::min<std::uint64_t>(
                                                  extent.length - first, out.size() - filled)));
        const auto copy = [&](ByteView chunk) {
            if (chunk.size() != extent.length) {
                throw Error(ErrorCode::corrupt, "a chunk has not the length the file says");
            }
            std::copy_n(chunk.begin() + static_cast<std::ptrdiff_t>(first), part.size(),
                        part.begin());
        };
        if (extent.chunk) {
            chunks.view(*extent.chunk, copy);
        } else {
            std::ranges::fill(part, std::uint8_t{0});
        }
        filled += part.size();
        return filled < out.size();
    };
    if (!out.empty()) forEachExtent(content, chunks, take, offset);
    if (filled != out.size()) {
        throw Error(ErrorCode::corrupt, "the file is not as long as its entry says");
    }
}

}  // namespace coffer
