#include "rescue/pack_directory.h"

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/codec/aead.h"
#include "rescue/chunk_source.h"

namespace coffer::rescue {

namespace {

constexpr std::size_t mostBlocks = 1 << 20;
constexpr std::size_t referenceSize = 32;

ChunkKind kindOf(std::uint8_t number) {
    if (number < 1 || number > 3) {
        throw Error(ErrorCode::unsupported, "a kind of chunk of a newer version");
    }
    return static_cast<ChunkKind>(number);
}

Codec codecOf(std::uint8_t number) {
    if (number > 1) throw Error(ErrorCode::unsupported, "a codec of a newer version");
    return static_cast<Codec>(number);
}

PackChunk readChunk(WireReader& in, ChunkKind kind) {
    PackChunk chunk;
    chunk.id = in.id<ChunkId>();
    chunk.length = static_cast<std::uint32_t>(in.bounded(chunkLimit, "chunk length"));
    if (kind != ChunkKind::data) in.raw(in.count(referenceSize, "references") * referenceSize);
    return chunk;
}

PackBlock readBlock(WireReader& in, PackDirectory& directory) {
    PackBlock block;
    block.kind = kindOf(in.u8());
    block.codec = codecOf(in.u8());
    block.sealedLength =
        static_cast<std::uint32_t>(in.bounded(chunkLimit + sealOverhead, "block length"));
    block.rawLength = static_cast<std::uint32_t>(in.bounded(chunkLimit, "raw length"));
    const auto chunks = in.count(33, "chunks");
    std::uint64_t offset = 0;
    for (std::size_t i = 0; i < chunks; ++i) {
        PackChunk chunk = readChunk(in, block.kind);
        chunk.block = static_cast<std::uint32_t>(directory.blocks.size());
        chunk.offset = static_cast<std::uint32_t>(offset);
        offset += chunk.length;
        if (offset > block.rawLength) throw Error(ErrorCode::corrupt, "chunks over the block");
        directory.chunks.push_back(chunk);
    }
    if (offset != block.rawLength) throw Error(ErrorCode::corrupt, "chunks do not fill the block");
    return block;
}

}  // namespace

PackDirectory readPackDirectory(ByteView raw, std::uint64_t blocksEnd) {
    WireReader in(raw);
    PackDirectory directory;
    directory.domain = in.id<DomainId>();
    const auto blocks = in.count(5, "blocks");
    if (blocks > mostBlocks) throw Error(ErrorCode::corrupt, "too many blocks");
    std::uint64_t offset = packHeaderSize;
    for (std::size_t i = 0; i < blocks; ++i) {
        PackBlock block = readBlock(in, directory);
        block.offset = offset;
        offset += block.sealedLength;
        directory.blocks.push_back(block);
    }
    in.expectEnd();
    if (offset != blocksEnd) throw Error(ErrorCode::corrupt, "blocks do not fill the pack");
    return directory;
}

}  // namespace coffer::rescue
