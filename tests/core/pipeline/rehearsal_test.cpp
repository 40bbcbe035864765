#include "core/pipeline/rehearsal_job.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/pipeline/entry_check.h"
#include "core/snapshot/snapshot_reader.h"
#include "core/source/file_system_source.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/tree_builder.h"

namespace coffer {
namespace {

/// A snapshot of real files, restored into a folder of this computer.
class RehearsalTest : public testing::Test {
  protected:
    RehearsalTest() {
        tree.folder("data");
        for (std::uint32_t i = 0; i < 20; ++i) {
            tree.file("data/f" + std::to_string(i), noise(30'000 + i * 11'000, i));
        }
        tree.file("data/empty", {});
        tree.symlink("data/link", "f1");
        snapshot = fixture.backupPaths(source, {files.path()});
    }

    RehearsalResult rehearse(const RehearsalSettings& settings = {}) {
        const ScratchFolder scratch;
        fixture.problems.clear();
        ProblemLog log([this](const Problem& problem) { fixture.problems.push_back(problem); });
        RunProgress progress;
        return runRehearsal(*fixture.repository, snapshot, settings, scratch.path(), progress, log,
                            fixture.cancel);
    }
    void damage() { fixture.damage(fixture.largestPack(), 0.5); }
    void expectHealing() {
        rehearse();
        EXPECT_FALSE(fixture.problems.empty());
        EXPECT_EQ(fixture.packsIn(PackState::suspect), 1U);
        snapshot = fixture.backupPaths(source, {files.path()});
        rehearse();
        EXPECT_EQ(fixture.problemText(), "");
    }
    bool isProven() { return fixture.repository->ledger().provenSnapshots().contains(snapshot.id); }

    ScratchFolder files;
    TreeBuilder tree{files.path()};
    FileSystemSource source;
    PipelineFixture fixture;
    Snapshot snapshot;
};

TEST_F(RehearsalTest, ASoundSnapshotIsProven) {
    EXPECT_FALSE(isProven());
    const RehearsalResult result = rehearse();
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(result.files, 21U);
    EXPECT_EQ(result.others, 1U);
    EXPECT_EQ(result.bytes, snapshot.statistics.bytes);
    EXPECT_EQ(result.left, 0U);
    EXPECT_TRUE(isProven());
}

TEST_F(RehearsalTest, ASampleProvesThatMuch) {
    RehearsalSettings settings;
    settings.percent = 30;
    const RehearsalResult result = rehearse(settings);
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_GT(result.left, 0U);
    EXPECT_EQ(result.files + result.others + result.left, 22U);
    EXPECT_EQ(rehearse(settings).files, result.files);
    EXPECT_FALSE(isProven());
}

TEST_F(RehearsalTest, OfSomePathsAlone) {
    RehearsalSettings settings;
    settings.paths = {files.path() + "/data/f3", files.path() + "/data/link"};
    const RehearsalResult result = rehearse(settings);
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(result.files, 1U);
    EXPECT_EQ(result.others, 1U);
    EXPECT_FALSE(isProven());
}

TEST_F(RehearsalTest, DamageIsNamed) {
    damage();
    const RehearsalResult result = rehearse();
    ASSERT_FALSE(fixture.problems.empty());
    EXPECT_TRUE(fixture.problems.back().path.starts_with("packs/")) << fixture.problemText();
    fixture.problems.pop_back();
    EXPECT_EQ(result.files + fixture.problems.size(), 21U) << fixture.problemText();
    for (const Problem& problem : fixture.problems) {
        EXPECT_TRUE(problem.path.starts_with(files.path() + "/data/f")) << problem.path;
    }
    EXPECT_FALSE(isProven());
}

TEST_F(RehearsalTest, TheNextBackupHealsWhatWasFoundDamaged) {
    fixture.verify();
    damage();
    expectHealing();
}

TEST_F(RehearsalTest, TheNextBackupHealsWhatWasFoundMissing) {
    fixture.verify();
    fixture.store.remove(fixture.largestPack());
    fixture.reopen();
    expectHealing();
}

TEST_F(RehearsalTest, ALostTreeIsNotCountedOnEither) {
    fixture.verify();
    std::map<std::uint64_t, std::string> packs;
    fixture.store.list(
        "packs/", [&](std::string_view name, std::uint64_t size) { packs.emplace(size, name); });
    fixture.store.remove(packs.begin()->second);  // of the trees
    fixture.reopen();
    EXPECT_THROW(rehearse(), Error);
    EXPECT_EQ(fixture.packsIn(PackState::suspect), 1U);
    snapshot = fixture.backupPaths(source, {files.path()});
    rehearse();
    EXPECT_EQ(fixture.problemText(), "");
}

TEST_F(RehearsalTest, WhatIsNotThereIsNoDamage) {
    RehearsalSettings settings;
    settings.paths = {"/nowhere"};
    EXPECT_THROW(rehearse(settings), Error);
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(fixture.packsIn(PackState::suspect), 0U);
}

TEST_F(RehearsalTest, WhatDiffersIsFound) {
    SnapshotReader reader(*fixture.repository, snapshot.domain);
    EntryCheck check(source, reader.chunks(), fixture.domainKey(), true, fixture.cancel);
    const std::string path = files.path() + "/data/f4";
    const TreeNode node = fixture.node(snapshot, path);
    EXPECT_EQ(check.attributeDifference(path, node), "");
    EXPECT_EQ(check.checkContent(path, node), node.attributes.size);
    const auto differs = [&](auto&& change) {
        TreeNode other = node;
        change(other);
        return check.attributeDifference(path, other);
    };
    EXPECT_EQ(differs([](TreeNode& it) { it.attributes.mode ^= 0010; }), "its mode");
    EXPECT_EQ(differs([](TreeNode& it) { ++it.attributes.uid; }), "its owner");
    EXPECT_EQ(differs([](TreeNode& it) { ++it.attributes.size; }), "its size");
    EXPECT_EQ(differs([](TreeNode& it) { ++it.attributes.mtime.seconds; }), "its time of change");
    EXPECT_EQ(differs([](TreeNode& it) {
                  it.attributes.xattrs = {{"user.x", {1}}};
              }),
              "attribute user.x");
    EXPECT_EQ(differs([](TreeNode& it) { it.attributes.type = EntryType::fifo; }), "its type");
    EXPECT_EQ(check.attributeDifference(path + "x", node), "is missing");
    // Of the same size and time, but another content.
    const TreeNode another = fixture.node(snapshot, files.path() + "/data/f5");
    EXPECT_THROW(check.checkContent(path, another), Error);
}

}  // namespace
}  // namespace coffer
