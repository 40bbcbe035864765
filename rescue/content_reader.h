#pragma once

#include "core/base/error.h"
#include "rescue/chunk_source.h"
#include "rescue/node_reader.h"

namespace coffer::rescue {

/// What is done with the stretches of a content, in ascending order without gaps.
class ContentVisitor {
  public:
    virtual ~ContentVisitor() = default;
    virtual void hole(std::uint64_t offset, std::uint64_t length) = 0;
    virtual void chunk(std::uint64_t offset, const Extent& extent) = 0;

    /// The list that tells what is in a stretch could not be read.
    virtual void lost(std::uint64_t offset, std::uint64_t length, const Error& why) = 0;
};

/// Goes through a content that belongs to something of `size` octets; what it does not cover is not
/// visited. Reads list chunks, never data chunks, one list of each depth at a time.
void visitContent(ChunkSource& chunks, const Content& content, std::uint64_t size,
                  ContentVisitor& visitor);

/// The octets of a data extent, as many as it says. Throws Error.
Bytes readExtentData(ChunkSource& chunks, const Extent& extent);

/// The whole of a small content. Throws Error when any of it is lost, or when it has not exactly
/// `size` octets, or more than `limit`.
Bytes readWhole(ChunkSource& chunks, const Content& content, std::uint64_t size,
                std::uint64_t limit);

}  // namespace coffer::rescue
