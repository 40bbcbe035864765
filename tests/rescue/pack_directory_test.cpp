#include "rescue/pack_directory.h"

#include <gtest/gtest.h>

#include "core/base/wire.h"
#include "tests/support/expect_error.h"

namespace coffer::rescue {
namespace {

struct Block {
    std::uint8_t kind = 1;
    std::uint8_t codec = 0;
    std::uint64_t sealedLength = 100;
    std::uint64_t rawLength = 12;
    std::uint64_t references = 0;
};

// A directory of two chunks, of 5 and 7 octets, in each block.
Bytes directory(const std::vector<Block>& blocks) {
    WireWriter out;
    out.raw(Bytes(16, 9));
    out.varint(blocks.size());
    for (const Block& block : blocks) {
        out.u8(block.kind);
        out.u8(block.codec);
        out.varint(block.sealedLength);
        out.varint(block.rawLength);
        out.varint(2);
        for (const std::uint64_t length : {5, 7}) {
            out.raw(Bytes(32, static_cast<std::uint8_t>(length)));
            out.varint(length);
            if (block.kind == 1) continue;
            out.varint(block.references);
            for (std::uint64_t i = 0; i < block.references; ++i) out.raw(Bytes(32));
        }
    }
    return out.take();
}

TEST(PackDirectory, TellsWhereChunksAre) {
    const auto read = readPackDirectory(directory({{}, {2, 1, 50, 12, 3}}), 280 + 150);
    EXPECT_EQ(read.domain.bytes[0], 9);
    ASSERT_EQ(read.blocks.size(), 2U);
    EXPECT_EQ(read.blocks[1].offset, 380U);
    EXPECT_EQ(read.blocks[1].kind, ChunkKind::tree);
    EXPECT_EQ(read.blocks[1].codec, Codec::zstd);
    ASSERT_EQ(read.chunks.size(), 4U);
    EXPECT_EQ(read.chunks[3].block, 1U);
    EXPECT_EQ(read.chunks[3].offset, 5U);
    EXPECT_EQ(read.chunks[3].length, 7U);
}

TEST(PackDirectory, RefusesWhatCannotBe) {
    const auto refused = [](ErrorCode code, const Block& block) {
        expectError(code, [&] { readPackDirectory(directory({block}), 380); });
    };
    readPackDirectory(directory({{}}), 380);
    refused(ErrorCode::unsupported, {.kind = 0});
    refused(ErrorCode::unsupported, {.kind = 4});
    refused(ErrorCode::unsupported, {.codec = 2});
    refused(ErrorCode::corrupt, {.sealedLength = 101});
    refused(ErrorCode::corrupt, {.sealedLength = 1 << 25});
    refused(ErrorCode::corrupt, {.rawLength = 11});
    refused(ErrorCode::corrupt, {.rawLength = 13});
    refused(ErrorCode::corrupt, {.rawLength = 1 << 25});
    const Bytes whole = directory({{}, {3, 0, 10, 12, 1}});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        expectError(ErrorCode::corrupt,
                    [&] { readPackDirectory(ByteView(whole).first(size), 390); });
    }
}

}  // namespace
}  // namespace coffer::rescue
