#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/wire.h"
#include "core/codec/aead.h"
#include "core/repository/pack_format.h"
#include "tests/core/repository/pack_fixtures.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

namespace format = pack_format;

Bytes withFlip(Bytes octets, std::size_t at, std::uint8_t mask) {
    octets[at] = static_cast<std::uint8_t>(octets[at] ^ mask);
    return octets;
}

// Two plain blocks of one length, a packed one and a tree.
struct TamperedPack : testing::Test {
    PackSetting setting;
    TestChunk first{ChunkKind::data, noise(200, 1), {}};
    TestChunk second{ChunkKind::data, noise(200, 2), {}};
    TestChunk packed{ChunkKind::data, Bytes(500, 'a'), {}};
    TestChunk tree = treeChunk("tree", {idOf(setting.agent, first)});
    Uploaded uploaded = setting.pack({{first}, {second}, {packed}, {tree}});

    OpenPack parse(ByteView octets) const { return setting.parse(octets, uploaded.id); }
};

TEST_F(TamperedPack, BlocksThatChangedPlacesAreRefused) {
    const PackDirectory directory = parse(uploaded.octets).directory();
    const BlockPlace& a = directory.blocks[0];
    const BlockPlace& b = directory.blocks[1];
    ASSERT_EQ(a.sealedLength, b.sealedLength);
    Bytes octets = uploaded.octets;
    std::swap_ranges(octets.begin() + static_cast<std::ptrdiff_t>(a.offset),
                     octets.begin() + static_cast<std::ptrdiff_t>(a.offset + a.sealedLength),
                     octets.begin() + static_cast<std::ptrdiff_t>(b.offset));
    const OpenPack pack = parse(octets);
    expectError(ErrorCode::corrupt, [&] { rawBlock(pack, octets, 0); });
    expectError(ErrorCode::corrupt, [&] { rawBlock(pack, octets, 1); });
    EXPECT_EQ(rawBlock(pack, octets, 2), packed.content);
}

TEST_F(TamperedPack, BlockOfAnotherPackIsRefused) {
    const Uploaded other = setting.pack({{first}, {second}, {packed}, {tree}});
    const BlockPlace place = parse(uploaded.octets).directory().blocks[0];
    const ByteView foreign = sealedBlock(other.octets, place);
    Bytes octets = uploaded.octets;
    std::ranges::copy(foreign, octets.begin() + static_cast<std::ptrdiff_t>(place.offset));
    const OpenPack pack = parse(octets);
    expectError(ErrorCode::corrupt, [&] { rawBlock(pack, octets, 0); });
}

TEST_F(TamperedPack, PackUnderAnotherNameIsRefused) {
    const Uploaded other = setting.pack({{first}});
    expectError(ErrorCode::untrusted, [&] { setting.parse(other.octets, uploaded.id); });
    // Nor does it help to write the name into the header.
    Bytes renamed = other.octets;
    std::ranges::copy(uploaded.id.view(), renamed.begin() + 8 + 2 + 2 + 4 + 16);
    expectError(ErrorCode::untrusted, [&] { setting.parse(renamed, uploaded.id); });
}

TEST_F(TamperedPack, PackOfAnotherRepositoryIsRefused) {
    PackSetting other = setting;  // the same keys, so that only the identity stands against it
    other.repository = randomId<RepositoryId>();
    expectError(ErrorCode::untrusted, [&] { other.parse(uploaded.octets, uploaded.id); });
    Bytes renamed = uploaded.octets;
    std::ranges::copy(other.repository.view(), renamed.begin() + 8 + 2 + 2 + 4);
    expectError(ErrorCode::untrusted, [&] { other.parse(renamed, uploaded.id); });

    const PackSetting stranger;
    expectError(ErrorCode::untrusted, [&] { stranger.parse(uploaded.octets, uploaded.id); });
}

TEST_F(TamperedPack, PackOfAnotherEpochIsRefused) {
    PackSetting later = setting;
    later.server.epoch = 1;
    expectError(ErrorCode::untrusted, [&] { later.parse(uploaded.octets, uploaded.id); });
    Bytes renumbered = uploaded.octets;
    renumbered[8 + 2 + 2] = 1;
    expectError(ErrorCode::untrusted, [&] { later.parse(renumbered, uploaded.id); });
    // Keys that are not there yet are no attack.
    expectError(
        ErrorCode::unsupported, [&] { parse(renumbered); }, "newer version");
}

// The header of one pack before the blocks and the directory of another.
TEST_F(TamperedPack, HeaderAndBodyBelongTogether) {
    Uploaded other;
    other.id = uploaded.id;  // the same name: only the keys differ
    PackWriter writer = setting.writer(other);
    addBlock(writer, setting.agent, std::vector<TestChunk>{first});
    writer.finish();
    Bytes mixed = toBytes(ByteView(other.octets).first(format::headerSize));
    append(mixed, ByteView(uploaded.octets).subspan(format::headerSize));
    expectError(ErrorCode::corrupt, [&] { parse(mixed); });
    // The content key of one pack with the metadata key of another.
    Bytes crossed = uploaded.octets;
    const auto box = static_cast<std::ptrdiff_t>(format::headerSize - 2 * format::keyBoxSize);
    std::copy_n(other.octets.begin() + box, format::keyBoxSize, crossed.begin() + box);
    expectError(ErrorCode::corrupt, [&] { parse(crossed); });
}

TEST_F(TamperedPack, WordsAboutABlockAreBoundToIt) {
    const OpenPack pack = parse(uploaded.octets);
    Decompressor decompressor;
    const auto expectRefused = [&](std::uint32_t block, const auto& change) {
        BlockAccess access = pack.access(block);
        BlockPlace place = pack.directory().blocks[block];
        const ByteView sealed = sealedBlock(uploaded.octets, place);
        EXPECT_FALSE(errorOf([&] { openBlock(access, place, sealed, decompressor); }));
        change(access, place);
        expectError(ErrorCode::corrupt, [&] { openBlock(access, place, sealed, decompressor); });
    };
    for (std::uint32_t block = 0; block < 4; ++block) {
        expectRefused(block, [](BlockAccess&, BlockPlace& place) {
            place.kind = place.kind == ChunkKind::data ? ChunkKind::tree : ChunkKind::data;
        });
        expectRefused(block, [](BlockAccess&, BlockPlace& place) { place.kind = ChunkKind::list; });
        expectRefused(block, [](BlockAccess&, BlockPlace& place) { ++place.rawLength; });
        expectRefused(block, [](BlockAccess&, BlockPlace& place) { --place.rawLength; });
        expectRefused(block, [](BlockAccess&, BlockPlace& place) {
            place.codec = place.codec == Codec::plain ? Codec::zstd : Codec::plain;
        });
        expectRefused(block, [](BlockAccess&, BlockPlace& place) { ++place.sealedLength; });
        expectRefused(block, [](BlockAccess& access, BlockPlace&) { access.number ^= 1; });
        expectRefused(block,
                      [](BlockAccess& access, BlockPlace&) { access.pack = randomId<PackId>(); });
        expectRefused(block, [](BlockAccess& access, BlockPlace&) {
            access.repository = randomId<RepositoryId>();
        });
    }
}

TEST_F(TamperedPack, KeyOfOneBlockOpensNoOther) {
    const OpenPack pack = parse(uploaded.octets);
    Decompressor decompressor;
    for (std::uint32_t key = 0; key < 4; ++key) {
        for (std::uint32_t block = 0; block < 4; ++block) {
            if (key == block) continue;
            BlockAccess access = pack.access(block);
            access.key = pack.access(key).key;
            const BlockPlace& place = pack.directory().blocks[block];
            expectError(ErrorCode::corrupt, [&] {
                openBlock(access, place, sealedBlock(uploaded.octets, place), decompressor);
            });
        }
    }
}

// Nothing in a pack is left to the registered hash alone: header (as associated data of the
// directory), blocks, directory and trailer are all authenticated or fixed.
TEST_F(TamperedPack, EveryFlippedOctetIsRefused) {
    readWholePack(setting, uploaded.octets, uploaded.id);
    for (std::size_t at = 0; at < uploaded.octets.size(); ++at) {
        for (const std::uint8_t mask : {std::uint8_t{0x01}, std::uint8_t{0x80}}) {
            EXPECT_TRUE(errorOf([&] {
                readWholePack(setting, withFlip(uploaded.octets, at, mask), uploaded.id);
            })) << "octet "
                << at << " of " << uploaded.octets.size();
        }
    }
}

// A flipped octet of a block is noticed when that block is read, and does no harm to the others.
TEST_F(TamperedPack, DamageStaysInItsBlock) {
    const PackDirectory directory = parse(uploaded.octets).directory();
    for (std::uint32_t damaged = 0; damaged < directory.blocks.size(); ++damaged) {
        const BlockPlace& place = directory.blocks[damaged];
        const Bytes octets = withFlip(uploaded.octets, place.offset + place.sealedLength / 2, 4);
        const OpenPack pack = parse(octets);
        for (std::uint32_t block = 0; block < directory.blocks.size(); ++block) {
            EXPECT_EQ(errorOf([&] { rawBlock(pack, octets, block); }).has_value(),
                      block == damaged);
        }
    }
}

TEST_F(TamperedPack, EveryTruncationIsRefused) {
    MemoryStore store;
    const std::string name = packName(uploaded.id);
    for (std::size_t size = 0; size < uploaded.octets.size(); ++size) {
        const ByteView cut = ByteView(uploaded.octets).first(size);
        EXPECT_TRUE(errorOf([&] { parse(cut); })) << size;
        store.put(name, cut);
        expectError(
            ErrorCode::corrupt,
            [&] { OpenPack::open(store, setting.repository, uploaded.id, setting.server); },
            uploaded.id.hex());
    }
    Bytes longer = uploaded.octets;
    longer.push_back(0);
    expectError(ErrorCode::corrupt, [&] { parse(longer); });
}

TEST_F(TamperedPack, LyingTrailerIsRefused) {
    const std::size_t size = uploaded.octets.size();
    WireReader reader(ByteView(uploaded.octets).last(format::trailerSize));
    const std::uint64_t offset = reader.u64();
    const std::uint32_t sealed = reader.u32();
    const std::uint32_t raw = reader.u32();
    const std::uint8_t codec = reader.u8();
    const auto withTrailer = [&](std::uint64_t newOffset, std::uint32_t newSealed,
                                 std::uint32_t newRaw, std::uint8_t newCodec) {
        WireWriter writer;
        writer.u64(newOffset);
        writer.u32(newSealed);
        writer.u32(newRaw);
        writer.u8(newCodec);
        Bytes octets = uploaded.octets;
        std::ranges::copy(writer.bytes(), octets.end() - format::trailerSize);
        return octets;
    };
    parse(withTrailer(offset, sealed, raw, codec));
    const auto rest = static_cast<std::uint32_t>(size - format::trailerSize);
    constexpr auto header = static_cast<std::uint32_t>(format::headerSize);
    const Bytes lies[] = {
        withTrailer(offset - 1, sealed + 1, raw, codec),
        withTrailer(offset + 1, sealed - 1, raw, codec),
        withTrailer(offset, sealed + 1, raw, codec),
        withTrailer(0, rest, raw, codec),
        withTrailer(header - 1, rest - header + 1, raw, codec),
        withTrailer(header, rest - header, raw, codec),
        withTrailer(size - format::trailerSize, 0, raw, codec),
        withTrailer(~std::uint64_t{0}, sealed, raw, codec),
        withTrailer(0 - std::uint64_t{sealed} - format::trailerSize + size, sealed, 0, codec),
        withTrailer(offset, ~std::uint32_t{0}, raw, codec),
        withTrailer(offset, sealed, raw + 1, codec),
        withTrailer(offset, sealed, format::directoryRawLimit, codec),
        withTrailer(offset, sealed, ~std::uint32_t{0}, codec),
        withTrailer(offset, sealed, raw, codec ^ 1),
        withTrailer(offset, sealed, raw, 2),
    };
    for (const Bytes& lie : lies) {
        SCOPED_TRACE(&lie - lies);
        if (lie == uploaded.octets) continue;
        expectError(ErrorCode::corrupt, [&] { parse(lie); });
    }
}

TEST_F(TamperedPack, AnotherFormatSaysSo) {
    Bytes other = uploaded.octets;
    for (const auto& [version, why] : {std::pair{0, "never released"}, {2, "newer version"}}) {
        other[format::magic.size()] = static_cast<std::uint8_t>(version);
        expectError(
            ErrorCode::unsupported, [&] { parse(other); }, why);
    }
}

}  // namespace
}  // namespace coffer
