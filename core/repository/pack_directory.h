#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/chunk/chunk_id.h"
#include "core/codec/compression.h"
#include "core/repository/ids.h"

namespace coffer {

/// A chunk's place in the raw octets of its block, and the chunks that it refers to.
struct ChunkPlace {
    ChunkId id;
    std::uint32_t length = 0;
    std::vector<ChunkId> references;  // of trees and lists
};

/// A sealed block of a pack. Its chunks lie one behind the other, in order, and fill it.
struct BlockPlace {
    ChunkKind kind = ChunkKind::data;
    Codec codec = Codec::plain;
    std::uint64_t offset = 0;  // in the pack
    std::uint32_t sealedLength = 0;
    std::uint32_t rawLength = 0;
    std::vector<ChunkPlace> chunks;
};

/// What a pack holds; its number in `blocks` is a block's number (docs/formats/pack.md).
struct PackDirectory {
    DomainId domain;
    std::vector<BlockPlace> blocks;

    Bytes encode() const;

    /// Throws Error(corrupt) when anything does not add up: lengths, offsets (the blocks fill the
    /// pack from its header to `directoryOffset`), counts, kinds.
    static PackDirectory decode(ByteView data, std::uint64_t directoryOffset);
};

/// Associated data that binds a block to its place: no other pack, number, kind or length opens it.
Bytes blockAssociatedData(const RepositoryId& repository, const PackId& pack, std::uint32_t number,
                          const BlockPlace& block);

/// "packs/ab/abcdef…"
std::string packName(const PackId& pack);

}  // namespace coffer
