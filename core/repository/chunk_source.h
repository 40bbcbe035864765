#pragma once

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

    /// These will be read soon: a hint, for sources that are far away. Throws only what ends the
    /// run (Error::endsRun).
    virtual void expect(std::span<const ChunkId> /*ids*/) {}
};

}  // namespace coffer
