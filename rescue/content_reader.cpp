#include "rescue/content_reader.h"

#include <algorithm>
#include <optional>

#include "rescue/object_head.h"

namespace coffer::rescue {

namespace {

constexpr std::uint64_t mostItems = 1024;

std::vector<Extent> readList(ChunkSource& chunks, const ChunkId& id, unsigned depth) {
    const Bytes octets = chunks.read(id, ChunkKind::list);
    WireReader in(octets);
    readInnerVersion(in);
    if (in.u8() != depth) throw Error(ErrorCode::corrupt, "a list of another depth");
    const auto items = in.bounded(mostItems, "items of a list");
    std::vector<Extent> extents;
    for (std::uint64_t i = 0; i < items; ++i) {
        extents.push_back(readExtent(in));
        if (depth > 0 && extents.back().hole) {
            throw Error(ErrorCode::corrupt, "a hole among lists");
        }
    }
    in.expectEnd();
    return extents;
}

class ContentWalk {
  public:
    ContentWalk(ChunkSource& chunks, ContentVisitor& visitor)
        : chunks_(chunks), visitor_(visitor) {}

    void extents(const std::vector<Extent>& extents) {
        for (const Extent& extent : extents) {
            if (extent.hole) {
                visitor_.hole(offset_, extent.length);
            } else {
                visitor_.chunk(offset_, extent);
            }
            offset_ += extent.length;
        }
    }

    // A list that stands for `length` octets, or for up to that many when it is the topmost one.
    // Calls itself as deep as lists are, which is six times.
    void list(const ChunkId& id, unsigned depth, std::uint64_t length, bool topmost) {
        std::vector<Extent> items;
        try {
            items = readList(chunks_, id, depth);
            const auto sum = lengthOf(items);
            if (topmost ? sum > length : sum != length) {
                throw Error(ErrorCode::corrupt, "a list of another length than stated");
            }
        } catch (const Error& error) {
            visitor_.lost(offset_, length, error);
            offset_ += length;
            return;
        }
        if (depth == 0) return extents(items);
        for (const Extent& item : items) list(item.chunk, depth - 1, item.length, false);
    }

  private:
    ChunkSource& chunks_;
    ContentVisitor& visitor_;
    std::uint64_t offset_ = 0;
};

class Gathering : public ContentVisitor {
  public:
    Gathering(ChunkSource& chunks, std::uint64_t size) : chunks_(chunks), size_(size) {}

    void hole(std::uint64_t, std::uint64_t length) override {
        room(length);
        octets_.resize(octets_.size() + static_cast<std::size_t>(length));
    }
    void chunk(std::uint64_t, const Extent& extent) override {
        room(extent.length);
        append(octets_, readExtentData(chunks_, extent));
    }
    void lost(std::uint64_t, std::uint64_t, const Error& why) override { throw why; }

    Bytes take() {
        if (octets_.size() != size_) throw Error(ErrorCode::corrupt, "shorter than stated");
        return std::move(octets_);
    }

  private:
    void room(std::uint64_t length) const {
        if (length > size_ - octets_.size()) {
            throw Error(ErrorCode::corrupt, "longer than stated");
        }
    }

    ChunkSource& chunks_;
    const std::uint64_t size_;
    Bytes octets_;
};

}  // namespace

void visitContent(ChunkSource& chunks, const Content& content, std::uint64_t size,
                  ContentVisitor& visitor) {
    ContentWalk walk(chunks, visitor);
    if (content.list) {
        walk.list(*content.list, content.depth, size, true);
    } else {
        walk.extents(content.extents);
    }
}

Bytes readExtentData(ChunkSource& chunks, const Extent& extent) {
    Bytes octets = chunks.read(extent.chunk, ChunkKind::data);
    if (octets.size() != extent.length) {
        throw Error(ErrorCode::corrupt, "a chunk of another length than stated");
    }
    return octets;
}

Bytes readWhole(ChunkSource& chunks, const Content& content, std::uint64_t size,
                std::uint64_t limit) {
    if (size > limit) throw Error(ErrorCode::limitExceeded, "too large");
    Gathering gathering(chunks, size);
    visitContent(chunks, content, size, gathering);
    return gathering.take();
}

}  // namespace coffer::rescue
