#include <gtest/gtest.h>
#include <unistd.h>

#include "core/source/file_system_source.h"
#include "core/source/file_system_target.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/nasty_tree.h"
#include "tools/tree_compare/tree_compare.h"

namespace coffer {
namespace {

class Fidelity : public testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root: owners, devices, flags";
    }
    void expectSame(const std::string& a, const std::string& b) {
        std::string differences;
        const TreeCompareResult summary =
            compareTrees(a, b, {}, [&](const std::string& line) { differences += line + "\n"; });
        EXPECT_EQ(summary.differences, 0U) << differences;
        EXPECT_GT(summary.entries, 0U);
    }
    PipelineFixture fixture;
    FileSystemSource source;
    ScratchFolder work;
};

TEST_F(Fidelity, NastyTreeComesBackWhole) {
    makeNastyTree(work / "source", 3000, 7);
    const Snapshot snapshot = fixture.backupPaths(source, {work / "source"});
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(snapshot.statistics.warnings, 0U);
    FileSystemTarget target(work / "target");
    fixture.restore(fixture.node(snapshot, work / "source"), target);
    EXPECT_EQ(fixture.problemText(), "");
    expectSame(work / "source", work / "target");
    const VerifyResult result = fixture.verify();
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(result.damaged.size(), 0U);
    EXPECT_EQ(result.snapshots, 1U);
    removeTree(work / "source");
    removeTree(work / "target");
}

TEST_F(Fidelity, SecondBackupOpensNothingAndIsTheSame) {
    makeNastyTree(work / "source", 1000, 8);
    // Older than the clock tick, or the entries would be racy.
    ::usleep(50'000);
    const Snapshot first = fixture.backupPaths(source, {work / "source"});
    const Snapshot second = fixture.backupPaths(source, {work / "source"});
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(second.statistics.readBytes, 0U);
    // Folders above it are in the tree too, and others may change those.
    EXPECT_EQ(fixture.node(second, work / "source").tree,
              fixture.node(first, work / "source").tree);
    EXPECT_EQ(second.base, first.id);
    FileSystemTarget target(work / "target");
    fixture.restore(fixture.node(second, work / "source"), target);
    expectSame(work / "source", work / "target");
    removeTree(work / "source");
    removeTree(work / "target");
}

}  // namespace
}  // namespace coffer
