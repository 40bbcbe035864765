#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/pipeline/journal.h"
#include "core/pipeline/name_spool.h"
#include "core/pipeline/selection.h"
#include "core/snapshot/tree.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

std::string readFile(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

Bytes sampleRecord(const std::string& path, unsigned bits = 0, std::uint32_t segment = 0) {
    EntrySignature signature;
    signature.size = 7;
    signature.mtime = {-5, 999'999'999};
    signature.inode = 12;
    const Bytes node = toBytes(bytesOf("node of " + path));
    return JournalRecord::encode({path, bits, segment}, ChunkId{}, {{"name", signature, node}});
}

TEST(Journal, FindsWhatWasWritten) {
    ScratchFolder folder;
    const auto repository = randomId<RepositoryId>();
    const auto snapshot = randomId<SnapshotId>();
    {
        JournalWriter writer(folder / "j", repository);
        for (int i = 0; i < 1000; ++i) writer.add(sampleRecord("/d" + std::to_string(i)));
        writer.add(sampleRecord("/seg", 3, 5));
        writer.addSegmented("/seg", 3);
        writer.finish(snapshot);
    }
    const auto reader = JournalReader::open(folder / "j", repository);
    ASSERT_TRUE(reader.has_value());
    EXPECT_EQ(reader->snapshot(), snapshot);
    EXPECT_EQ(reader->segmentBits("/seg"), 3U);
    EXPECT_EQ(reader->segmentBits("/d1"), 0U);
    const auto record = reader->find({"/d777", 0, 0});
    ASSERT_TRUE(record.has_value());
    ASSERT_EQ(record->entries().size(), 1U);
    EXPECT_EQ(textOf(record->entries()[0].node), "node of /d777");
    EXPECT_EQ(record->entries()[0].signature.mtime.seconds, -5);
    EXPECT_TRUE(reader->find({"/seg", 3, 5}).has_value());
    EXPECT_FALSE(reader->find({"/seg", 3, 4}).has_value());
    EXPECT_FALSE(JournalReader::open(folder / "j", randomId<RepositoryId>()).has_value());
}

TEST(Journal, CutAnywhereGivesWhatIsWhole) {
    ScratchFolder folder;
    const auto repository = randomId<RepositoryId>();
    {
        JournalWriter writer(folder / "j", repository);
        for (int i = 0; i < 5; ++i) writer.add(sampleRecord("/d" + std::to_string(i)));
        writer.sync();
    }
    const std::string whole = readFile(folder / "j");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        std::ofstream(folder / "cut", std::ios::binary | std::ios::trunc) << whole.substr(0, size);
        const auto reader = JournalReader::open(folder / "cut", repository);
        if (!reader) {
            EXPECT_LT(size, 24U);
            continue;
        }
        EXPECT_FALSE(reader->snapshot().has_value());
        // Records are there from the front without gaps.
        bool there = true;
        for (int i = 0; i < 5; ++i) {
            const bool found = reader->find({"/d" + std::to_string(i), 0, 0}).has_value();
            EXPECT_TRUE(there || !found);
            there = found;
        }
    }
}

TEST(Journal, AFlippedOctetLosesRecordsNeverInventsThem) {
    ScratchFolder folder;
    const auto repository = randomId<RepositoryId>();
    {
        JournalWriter writer(folder / "j", repository);
        for (int i = 0; i < 3; ++i) writer.add(sampleRecord("/d" + std::to_string(i)));
        writer.finish(randomId<SnapshotId>());
    }
    const std::string whole = readFile(folder / "j");
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string broken = whole;
        broken[at] = static_cast<char>(broken[at] ^ 1);
        std::ofstream(folder / "cut", std::ios::binary | std::ios::trunc) << broken;
        const auto reader = JournalReader::open(folder / "cut", repository);
        if (!reader) continue;
        for (int i = 0; i < 3; ++i) {
            const std::string path = "/d" + std::to_string(i);
            const auto record = reader->find({path, 0, 0});
            if (!record) continue;
            EXPECT_EQ(textOf(record->entries()[0].node), "node of " + path);
        }
    }
}

void expectAllSegments(NameSpool& spool, std::size_t count, unsigned bits) {
    std::size_t seen = 0;
    for (std::uint32_t segment = 0; segment < 1U << bits; ++segment) {
        const std::vector<std::string> names = spool.segment(bits, segment);
        EXPECT_TRUE(std::ranges::is_sorted(names));
        for (const std::string& name : names) ASSERT_EQ(segmentOf(name, bits), segment);
        seen += names.size();
    }
    EXPECT_EQ(seen, count);
}

TEST(NameSpool, GivesEveryNameOnceInMemoryAndOnDisk) {
    ScratchFolder folder;
    for (const std::size_t limit : {std::size_t{100'000}, std::size_t{1000}}) {
        NameSpool spool(folder.path(), limit);
        for (int i = 0; i < 40'000; ++i) spool.add("name " + std::to_string(i));
        EXPECT_EQ(spool.count(), 40'000U);
        expectAllSegments(spool, 40'000, 5);
    }
}

TEST(NameSpool, SmallFoldersAreOneSegmentWithoutDoubles) {
    ScratchFolder folder;
    NameSpool spool(folder.path());
    for (const char* name : {"b", "a", "c", "b"}) spool.add(name);
    EXPECT_EQ(spool.segment(0, 0), (std::vector<std::string>{"a", "b", "c"}));
}

TEST(Selection, LeadsToWhatIsSelected) {
    BackupRequest request;
    request.paths = {"/a/b", "/a/b/c", "/ab", "/a/d/e"};
    const Selection selection(request);
    EXPECT_EQ(selection.paths(), (std::set<std::string>{"/a/b", "/a/d/e", "/ab"}));
    EXPECT_EQ(selection.namesIn("/"), (std::vector<std::string>{"a", "ab"}));
    EXPECT_EQ(selection.namesIn("/a"), (std::vector<std::string>{"b", "d"}));
    EXPECT_FALSE(selection.isWhole("/a"));
    EXPECT_TRUE(selection.isWhole("/a/b/c/d"));
    EXPECT_FALSE(selection.isWhole("/a/bc"));
    EXPECT_TRUE(selection.isWhole("/ab"));
}

TEST(Selection, TheRootTakesAll) {
    BackupRequest request;
    request.paths = {"/", "/a"};
    const Selection selection(request);
    EXPECT_TRUE(selection.isWhole("/"));
    EXPECT_TRUE(selection.isWhole("/x/y"));
    EXPECT_EQ(joinPath("/", "a"), "/a");
    EXPECT_EQ(joinPath("/a", "b"), "/a/b");
}

TEST(Selection, RefusesPathsThatAreNotNormal) {
    for (const std::string path : {"", "a", "/a/", "//a", "/a/../b", "/./a", "/a//b"}) {
        BackupRequest request;
        request.paths = {path};
        EXPECT_THROW(Selection{request}, Error) << path;
    }
    BackupRequest nul;
    nul.paths = {std::string("/a\0b", 4)};
    EXPECT_THROW(Selection{nul}, Error);
}

TEST(Selection, RefusesToIncludeNothing) {
    BackupRequest request;
    request.paths = {"/a"};
    request.includes = {"!*.o", "!/a/b"};
    expectError(
        ErrorCode::invalidArgument, [&] { Selection{request}; }, "include: '!' alone");
    request.includes.emplace_back("*.c");
    EXPECT_TRUE(Selection(request).included("/a/x.c", false, false));
}

TEST(Selection, HasNoMoreFiltersThanASnapshotHolds) {
    BackupRequest request;
    request.paths = {"/a"};
    request.includes.assign(64 * 1024, "x");
    EXPECT_EQ(filtersOf(request).size(), 64U * 1024);
    const Selection most(request);
    request.excludeCaches = true;
    expectError(
        ErrorCode::invalidArgument, [&] { Selection{request}; }, "65,536 filters");
}

}  // namespace
}  // namespace coffer
