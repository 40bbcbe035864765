#include "core/pipeline/verify_depth.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/source/memory_source.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

constexpr VerifyDepth structure{VerifyDepth::Kind::structure, 0};

TEST(VerifyDepthText, ComesBack) {
    for (const char* text : {"structure", "sample=1", "sample=100", "full"}) {
        EXPECT_EQ(VerifyDepth::parse(text).text(), text);
    }
    EXPECT_EQ(VerifyDepth::parse("sample=7").percent, 7U);
    EXPECT_TRUE(VerifyDepth{}.isFull());
}

TEST(VerifyDepthText, NothingElse) {
    for (const char* text : {"", "Full", "sample", "sample=", "sample=0", "sample=101", "sample=-1",
                             "sample=5%", "sample= 5", "sample=99999999999"}) {
        expectError(ErrorCode::invalidArgument, [&] { VerifyDepth::parse(text); });
    }
}

/// What a verification finds that does not read all.
class VerifyDepths : public testing::Test {
  protected:
    VerifyDepths() {
        source.addFolder("/data");
        for (std::uint32_t i = 0; i < 6; ++i) {
            source.addFile("/data/f" + std::to_string(i), noise(300'000, i));
        }
        snapshot = fixture.backupPaths(source, {"/data"});
    }

    PipelineFixture fixture;
    MemorySource source;
    Snapshot snapshot;
};

TEST_F(VerifyDepths, StructureReadsNoContent) {
    fixture.damage(fixture.largestPack(), 0.5);
    const VerifyResult result = fixture.verify(structure);
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(result.storedBytes, 0U);
    EXPECT_EQ(result.snapshots, 1U);
    EXPECT_EQ(fixture.packsIn(PackState::received), result.packs);  // nothing of it is proven
}

TEST_F(VerifyDepths, StructureFindsWhatIsMissingOrCut) {
    const std::string pack = fixture.largestPack();
    Bytes data = readAll(fixture.store, pack, 1U << 28);
    data.pop_back();
    fixture.store.put(pack, data);
    fixture.reopen();
    const VerifyResult result = fixture.verify(structure);
    EXPECT_EQ(result.damaged.size(), 1U) << fixture.problemText();
    EXPECT_EQ(fixture.packsIn(PackState::suspect), 1U);
}

TEST_F(VerifyDepths, ASampleOfAllBlocksFindsAnyOfThem) {
    fixture.damage(fixture.largestPack(), 0.5);
    EXPECT_EQ(fixture.verify(VerifyDepth::parse("sample=100")).damaged.size(), 1U);
    EXPECT_EQ(fixture.packsIn(PackState::suspect), 1U);
}

TEST_F(VerifyDepths, ASampleReadsAShare) {
    for (std::uint32_t i = 6; i < 40; ++i) {
        source.addFile("/data/f" + std::to_string(i), noise(300'000, i));
    }
    fixture.backupPaths(source, {"/data"});
    const VerifyResult all = fixture.verify(VerifyDepth::parse("sample=100"));
    const VerifyResult some = fixture.verify(VerifyDepth::parse("sample=40"));
    EXPECT_LT(some.chunks, all.chunks);
    EXPECT_GT(some.chunks, 0U);
    EXPECT_EQ(fixture.packsIn(PackState::verified), 0U);
}

TEST_F(VerifyDepths, OnlyReadingAllAcquitsASuspect) {
    const std::string pack = fixture.largestPack();
    fixture.damage(pack, 0.5);
    fixture.verify();
    fixture.damage(pack, 0.5);  // back to what it was
    EXPECT_EQ(fixture.verify(structure).damaged.size(), 1U);
    EXPECT_EQ(fixture.packsIn(PackState::suspect), 1U);
    EXPECT_TRUE(fixture.verify().damaged.empty()) << fixture.problemText();
    EXPECT_EQ(fixture.packsIn(PackState::suspect), 0U);
}

TEST_F(VerifyDepths, OnlyReadingAllCondemns) {
    fixture.damage(fixture.largestPack(), 0.5);
    fixture.verify();
    fixture.backupPaths(source, {"/data"});
    const VerifyResult result = fixture.verify(structure);
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(result.replaced.size(), 1U);
    EXPECT_EQ(fixture.packsIn(PackState::condemned), 0U);
    fixture.verify();
    EXPECT_EQ(fixture.packsIn(PackState::condemned), 1U);
}

TEST_F(VerifyDepths, ReadingAllIsNotedForPacksAndSnapshots) {
    const auto isProven = [&] {
        return fixture.repository->ledger().provenSnapshots().contains(snapshot.id);
    };
    const auto proven = [&] { return fixture.repository->ledger().proofSummary({}).provenPacks; };
    EXPECT_FALSE(isProven());
    fixture.verify(structure);
    EXPECT_FALSE(isProven());
    EXPECT_EQ(proven(), 0U);
    const VerifyResult all = fixture.verify();
    EXPECT_EQ(proven(), all.packs);
    EXPECT_TRUE(isProven());
    const std::string pack = fixture.largestPack();
    fixture.damage(pack, 0.5);
    const VerifyResult found = fixture.verify();
    EXPECT_FALSE(isProven());
    EXPECT_EQ(proven(), found.packs - 1);
    fixture.damage(pack, 0.5);
    fixture.verify();
    EXPECT_TRUE(isProven());
}

}  // namespace
}  // namespace coffer
