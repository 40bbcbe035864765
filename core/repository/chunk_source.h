#pragma once

#include <functional>
#include <span>

#include "core/base/bytes.h"
#include "core/chunk/chunk_id.h"

namespace coffer {

/// Gives the content of chunks by their ids.
class ChunkSource {
  public:
    virtual ~ChunkSource() = default;

    /// The whole chunk; its content has been checked against the id. Throws Error(notFound),
    /// (corrupt).
    virtual Bytes read(const ChunkId& id) = 0;

    /// The same without a copy where there need be none: `use` gets the content, which is valid
    /// while it runs; it reads nothing from this source.
    virtual void view(const ChunkId& id, const std::function<void(ByteView)>& use) {
        use(read(id));
    }

    /// These will be read soon: a hint, for sources that are far away. Throws only what ends the
    /// run (Error::endsRun).
    virtual void expect(std::span<const ChunkId> /*ids*/) {}
};

}  // namespace coffer
