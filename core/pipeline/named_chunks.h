#pragma once

#include <vector>

#include "core/base/bytes.h"
#include "core/chunk/chunk_id.h"

namespace coffer {

/// The chunks that a tree or list names, in order of appearance and as often as it does: what the
/// directory of its pack has to say (docs/formats/pack.md). None for data. Throws Error(corrupt),
/// (unsupported) for a content that is no tree or list.
std::vector<ChunkId> namedChunks(ChunkKind kind, ByteView content);

}  // namespace coffer
