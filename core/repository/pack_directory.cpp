#include "core/repository/pack_directory.h"

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/codec/aead.h"
#include "core/repository/pack_format.h"

namespace coffer {

namespace format = pack_format;

namespace {

[[noreturn]] void corrupt(const std::string& what) {
    throw Error(ErrorCode::corrupt, "pack directory: " + what);
}

ChunkKind readKind(WireReader& reader) {
    const std::uint8_t kind = reader.u8();
    if (kind < 1 || kind > 3) {
        throw Error(ErrorCode::unsupported, "pack directory: unknown kind of chunk");
    }
    return static_cast<ChunkKind>(kind);
}

ChunkPlace readChunk(WireReader& reader, ChunkKind kind) {
    ChunkPlace chunk;
    chunk.id = reader.id<ChunkId>();
    chunk.length =
        static_cast<std::uint32_t>(reader.bounded(format::blockRawLimit, "chunk length"));
    if (kind != ChunkKind::data) {
        const std::size_t references = reader.count(32, "number of references");
        chunk.references.reserve(references);
        for (std::size_t i = 0; i < references; ++i) {
            chunk.references.push_back(reader.id<ChunkId>());
        }
    }
    return chunk;
}

BlockPlace readBlock(WireReader& reader) {
    BlockPlace block;
    block.kind = readKind(reader);
    const std::uint8_t codec = reader.u8();
    if (codec > 1) throw Error(ErrorCode::unsupported, "pack directory: unknown compression");
    block.codec = static_cast<Codec>(codec);
    block.sealedLength = static_cast<std::uint32_t>(
        reader.bounded(format::blockRawLimit + sealOverhead, "block length"));
    block.rawLength =
        static_cast<std::uint32_t>(reader.bounded(format::blockRawLimit, "raw length of a block"));
    const std::size_t chunks = reader.count(33, "number of chunks");
    block.chunks.reserve(chunks);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < chunks; ++i) {
        block.chunks.push_back(readChunk(reader, block.kind));
        sum += block.chunks.back().length;
    }
    if (sum != block.rawLength) corrupt("the chunks do not fill their block");
    return block;
}

}  // namespace

Bytes PackDirectory::encode() const {
    WireWriter writer;
    writer.raw(domain.view());
    writer.varint(blocks.size());
    for (const BlockPlace& block : blocks) {
        writer.u8(static_cast<std::uint8_t>(block.kind));
        writer.u8(static_cast<std::uint8_t>(block.codec));
        writer.varint(block.sealedLength);
        writer.varint(block.rawLength);
        writer.varint(block.chunks.size());
        for (const ChunkPlace& chunk : block.chunks) {
            writer.raw(chunk.id.view());
            writer.varint(chunk.length);
            if (block.kind == ChunkKind::data) continue;
            writer.varint(chunk.references.size());
            for (const ChunkId& reference : chunk.references) writer.raw(reference.view());
        }
    }
    return writer.take();
}

PackDirectory PackDirectory::decode(ByteView data, std::uint64_t directoryOffset) {
    WireReader reader(data);
    PackDirectory directory;
    directory.domain = reader.id<DomainId>();
    const std::size_t blocks = reader.count(5, "number of blocks");
    if (blocks > format::blockCountLimit) corrupt("too many blocks");
    directory.blocks.reserve(blocks);
    std::uint64_t offset = format::headerSize;
    for (std::size_t i = 0; i < blocks; ++i) {
        BlockPlace block = readBlock(reader);
        block.offset = offset;
        offset += block.sealedLength;
        directory.blocks.push_back(std::move(block));
    }
    reader.expectEnd();
    if (offset != directoryOffset) corrupt("the blocks do not fill the pack");
    return directory;
}

Bytes blockAssociatedData(const RepositoryId& repository, const PackId& pack, std::uint32_t number,
                          const BlockPlace& block) {
    WireWriter writer;
    writer.raw(bytesOf(format::blockPurpose));
    writer.u16(format::formatVersion);
    writer.raw(repository.view());
    writer.raw(pack.view());
    writer.u32(number);
    writer.u8(static_cast<std::uint8_t>(block.kind));
    writer.u32(block.rawLength);
    writer.u8(static_cast<std::uint8_t>(block.codec));
    return writer.take();
}

std::string packName(const PackId& pack) {
    const std::string hex = pack.hex();
    return std::string(format::folder) + hex.substr(0, 2) + "/" + hex;
}

}  // namespace coffer
