#include "core/snapshot/content_list.h"

#include <gtest/gtest.h>

#include <utility>

#include "core/snapshot/tree_format.h"
#include "tests/core/snapshot/memory_chunks.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

namespace format = tree_format;

using Stretch = std::pair<std::uint64_t, Extent>;

std::vector<Stretch> stretchesOf(const Content& content, ChunkSource& chunks) {
    std::vector<Stretch> stretches;
    forEachExtent(content, chunks, [&](std::uint64_t offset, const Extent& extent) {
        stretches.emplace_back(offset, extent);
        return true;
    });
    return stretches;
}

// Extent number i of the contents below: mostly chunks of different lengths, here and there a hole.
Extent extentNumber(std::uint64_t i) {
    Extent extent{1 + i % 5000, {}};
    if (i % 10 != 3) extent.chunk = chunkNumber(i);
    return extent;
}

class Lists : public testing::Test {
  protected:
    ContentBuilder builder() {
        return ContentBuilder([this](Bytes list, std::vector<ChunkId> references) {
            largest_ = std::max(largest_, list.size());
            std::vector<ChunkId> expected;
            const ContentList decoded = ContentList::decode(list);
            for (const Extent& item : decoded.items) {
                if (item.chunk) expected.push_back(*item.chunk);
            }
            EXPECT_EQ(references, expected);
            return chunks_.add(list);
        });
    }

    ChunkId addList(std::uint8_t depth, std::vector<Extent> items) {
        return chunks_.add(ContentList{depth, std::move(items)}.encode());
    }

    void expectCorrupt(const Content& content) {
        expectError(ErrorCode::corrupt, [&] { stretchesOf(content, chunks_); });
    }

    MemoryChunks chunks_;
    std::size_t largest_ = 0;
};

class ListsOfManyExtents : public Lists, public testing::WithParamInterface<std::uint64_t> {};

TEST_P(ListsOfManyExtents, AllComeBackAtTheirOffsets) {
    ContentBuilder content = builder();
    std::uint64_t length = 0;
    for (std::uint64_t i = 0; i < GetParam(); ++i) {
        content.add(extentNumber(i));
        length += extentNumber(i).length;
    }
    EXPECT_EQ(content.length(), length);
    const Content finished = content.finish();
    EXPECT_EQ(finished.list.has_value(), GetParam() > format::inlineExtentLimit);
    EXPECT_LE(largest_, 3 + format::listItemLimit * (32 + 9));

    std::uint64_t count = 0;
    std::uint64_t end = 0;
    forEachExtent(finished, chunks_, [&](std::uint64_t offset, const Extent& extent) {
        const bool same = offset == end && extent == extentNumber(count);
        EXPECT_TRUE(same) << count;
        end += extent.length;
        ++count;
        return same;
    });
    EXPECT_EQ(count, GetParam());
    EXPECT_EQ(end, length);
}

INSTANTIATE_TEST_SUITE_P(Counts, ListsOfManyExtents,
                         testing::Values(0, 1, 63, 64, 65, 1023, 1024, 1025, 2048, 2049, 100'000,
                                         1'048'576, 1'048'577, 1'100'000));

TEST_F(Lists, HaveAsFewLevelsAsTheyNeed) {
    const std::pair<std::uint64_t, std::uint8_t> samples[] = {
        {65, 0}, {1024, 0}, {1025, 1}, {1'048'576, 1}, {1'048'577, 2}};
    for (const auto& [count, depth] : samples) {
        ContentBuilder content = builder();
        for (std::uint64_t i = 0; i < count; ++i) content.add({1, chunkNumber(1)});
        EXPECT_EQ(content.finish().depth, depth) << count;
    }
}

TEST_F(Lists, JoinHoles) {
    ContentBuilder content = builder();
    for (int i = 0; i < 5000; ++i) content.add({1000, {}});
    content.add({0, {}});
    content.add({0, chunkNumber(1)});
    content.add({5, chunkNumber(2)});
    content.add({7, {}});
    content.add({8, {}});
    EXPECT_EQ(content.length(), 5'000'020U);
    const std::vector<Extent> expected{{5'000'000, {}}, {5, chunkNumber(2)}, {15, {}}};
    EXPECT_EQ(content.finish().extents, expected);
    EXPECT_EQ(chunks_.size(), 0U);
}

TEST_F(Lists, EqualContentsGiveEqualLists) {
    const auto build = [this] {
        ContentBuilder content = builder();
        for (std::uint64_t i = 0; i < 3000; ++i) content.add(extentNumber(i));
        return content.finish();
    };
    EXPECT_EQ(build(), build());
}

TEST_F(Lists, StopWhereTheCallerWantsTo) {
    ContentBuilder building = builder();
    for (std::uint64_t i = 0; i < 5000; ++i) building.add(extentNumber(i));
    const Content content = building.finish();
    for (const int last : {1, 1024, 1025, 3000}) {
        int calls = 0;
        const std::size_t before = chunks_.reads();
        forEachExtent(content, chunks_,
                      [&](std::uint64_t, const Extent&) { return ++calls < last; });
        EXPECT_EQ(calls, last);
        // The top list, and as many leaves as it took.
        EXPECT_EQ(chunks_.reads() - before, 1 + static_cast<std::size_t>(last + 1023) / 1024);
    }
    int calls = 0;
    const Content whole{{{5, {}}, {6, {}}}, {}, 0};
    forEachExtent(whole, chunks_, [&](std::uint64_t, const Extent&) {
        ++calls;
        return false;
    });
    EXPECT_EQ(calls, 1);
}

TEST_F(Lists, RefuseADepthThatLies) {
    const ChunkId leaf = addList(0, {{10, chunkNumber(1)}});
    const ChunkId top = addList(1, {{10, leaf}});
    EXPECT_EQ(stretchesOf({{}, top, 1}, chunks_).size(), 1U);
    expectCorrupt({{}, top, 0});
    expectCorrupt({{}, top, 2});
    expectCorrupt({{}, leaf, 1});
    expectCorrupt({{}, addList(2, {{10, leaf}}), 2});
    expectCorrupt({{}, addList(1, {{10, top}}), 1});
}

TEST_F(Lists, RefuseLengthsThatLie) {
    const ChunkId leaf = addList(0, {{10, chunkNumber(1)}, {5, {}}});
    for (const std::uint64_t length : {1U, 14U, 16U, 1000U}) {
        expectCorrupt({{}, addList(1, {{length, leaf}}), 1});
        expectCorrupt({{}, addList(1, {{15, leaf}, {length, leaf}}), 1});
    }
    const std::uint64_t most = 1ULL << 62;
    expectCorrupt({{}, addList(0, {{most, {}}, {1, {}}}), 0});
}

TEST_F(Lists, SayWhichChunkIsMissing) {
    expectError(
        ErrorCode::notFound,
        [&] {
            stretchesOf({{}, chunkNumber(7), 0}, chunks_);
        },
        chunkNumber(7).hex());
}

TEST(ContentList, ComesBack) {
    const ContentList lists[] = {{0, {}},
                                 {0, {{1, chunkNumber(1)}, {1ULL << 61, {}}}},
                                 {format::listDepthLimit, {{1, chunkNumber(1)}}},
                                 {1, std::vector<Extent>(1024, {5, chunkNumber(1)})}};
    for (const ContentList& list : lists) {
        const ContentList decoded = ContentList::decode(list.encode());
        EXPECT_EQ(decoded.depth, list.depth);
        EXPECT_EQ(decoded.items, list.items);
        EXPECT_EQ(decoded.encode(), list.encode());
    }
}

TEST(ContentList, RefusesWhatDoesNotAddUp) {
    const auto refused = [](ErrorCode code, const Bytes& data) {
        SCOPED_TRACE(toHex(data));
        expectError(code, [&] { ContentList::decode(data); });
    };
    const Bytes data = ContentList{0, {{1, chunkNumber(1)}, {2, {}}}}.encode();
    for (std::size_t size = 0; size < data.size(); ++size) {
        refused(ErrorCode::corrupt,
                {data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size)});
    }
    refused(ErrorCode::unsupported, {0, 0, 0});
    refused(ErrorCode::unsupported, {2, 0, 0});
    refused(ErrorCode::corrupt, {1, format::listDepthLimit + 1, 0});
    refused(ErrorCode::corrupt, {1, 0, 1, 3, 3});  // one item more than it claims
    refused(ErrorCode::corrupt, {1, 0, 1, 1});     // of no length
    refused(ErrorCode::corrupt, {1, 1, 1, 3});     // a hole among lists
    refused(ErrorCode::corrupt, ContentList{0, std::vector<Extent>(1025, {1, {}})}.encode());
}

TEST_F(Lists, AreNotReadBeforeTheStretchAskedFor) {
    ContentBuilder content = builder();
    for (std::uint64_t i = 0; i < 10 * format::listItemLimit; ++i) content.add(extentNumber(i));
    const std::uint64_t length = content.length();
    const Content finished = content.finish();
    const std::size_t before = chunks_.reads();
    std::uint64_t end = 0;
    forEachExtent(
        finished, chunks_,
        [&](std::uint64_t offset, const Extent& extent) {
            EXPECT_GT(offset + extent.length, length - 1);
            end = offset + extent.length;
            return true;
        },
        length - 1);
    EXPECT_EQ(end, length);
    EXPECT_EQ(chunks_.reads() - before, 2U);
}

class Stretches : public testing::Test {
  protected:
    Stretches() {
        const auto chunk = [&](const char* text) {
            const Bytes data = toBytes(bytesOf(text));
            return Extent{data.size(), chunks_.add(data)};
        };
        content_.extents = {chunk("abc"), {4, {}}, chunk("defgh")};
    }

    std::string read(std::uint64_t offset, std::size_t length, std::uint64_t size = 12) {
        Bytes data(std::min<std::uint64_t>(length, size - std::min(size, offset)));
        readContent(content_, chunks_, offset, data);
        return std::string(textOf(data));
    }

    MemoryChunks chunks_;
    Content content_;
};

TEST_F(Stretches, ComeFromChunksAndHoles) {
    const std::string all = std::string("abc") + std::string(4, '\0') + "defgh";
    for (std::size_t offset = 0; offset <= all.size(); ++offset) {
        for (std::size_t length = 0; length <= all.size() + 1; ++length) {
            EXPECT_EQ(read(offset, length), all.substr(offset, length)) << offset << " " << length;
        }
    }
    EXPECT_EQ(read(13, 5), "");
    EXPECT_EQ(read(~std::uint64_t{0}, ~std::size_t{0}), "");
}

TEST_F(Stretches, OfAFileThatIsNotAsLongAsItSaysAreRefused) {
    expectError(ErrorCode::corrupt, [&] { read(0, 20, 13); });
    expectError(ErrorCode::corrupt, [&] { read(12, 1, 13); });
    EXPECT_EQ(read(0, 20, 11).size(), 11U);
    content_.extents[0].length = 2;
    expectError(ErrorCode::corrupt, [&] { read(0, 5); });
}

}  // namespace
}  // namespace coffer
