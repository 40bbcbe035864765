#pragma once

#include <cstdint>
#include <vector>

#include "core/chunk/chunk_id.h"
#include "core/codec/compression.h"
#include "rescue/ids.h"

namespace coffer::rescue {

struct PackBlock {
    ChunkKind kind = ChunkKind::data;
    Codec codec = Codec::plain;
    std::uint64_t offset = 0;  // of its sealed octets in the pack
    std::uint32_t sealedLength = 0;
    std::uint32_t rawLength = 0;
};

struct PackChunk {
    ChunkId id;
    std::uint32_t block = 0;
    std::uint32_t offset = 0;  // in the raw octets of the block
    std::uint32_t length = 0;
};

/// What a pack holds (docs/formats/pack.md).
struct PackDirectory {
    DomainId domain;
    std::vector<PackBlock> blocks;
    std::vector<PackChunk> chunks;  // in the order of the pack
};

constexpr std::uint64_t packHeaderSize = 280;

/// Parses a directory. Its blocks must fill the pack from behind the header up to `blocksEnd`.
/// Throws Error(corrupt, unsupported).
PackDirectory readPackDirectory(ByteView raw, std::uint64_t blocksEnd);

}  // namespace coffer::rescue
