// Restores into a target that is in use: what stays, what is replaced, and that nothing old is lost
// before the new is complete.

#include <gtest/gtest.h>

#include "core/pipeline/overwrite_policy.h"
#include "core/source/memory_source.h"
#include "core/source/memory_target.h"
#include "core/source/replacing_target.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

constexpr std::int64_t backedUp = 1'600'000'000;

class OverwriteTest : public testing::Test, protected PipelineFixture {
  protected:
    OverwriteTest() {
        source_.addFolder("/d");
        source_.addFolder("/d/sub");
        source_.addFile("/d/new", bytesOf("new"));
        source_.addFile("/d/newer", bytesOf("from the backup"));
        source_.addFile("/d/older", bytesOf("from the backup"));
        source_.addSymlink("/d/link", "to the backup");
        for (const char* path : {"/d", "/d/sub", "/d/new", "/d/newer", "/d/older", "/d/link"}) {
            source_.change(path, [](MemoryEntry& entry) {
                entry.stat.mtime = {backedUp, 0};
                entry.stat.mode = 0755;
            });
        }
        put("newer", "in use", backedUp + 1);
        put("older", "in use", backedUp - 1);
        target_.makeFolder("sub");
        target_.finishFolder("sub", attributes(EntryType::folder, backedUp - 1));
        node_ = node(backupPaths(source_, {"/d"}), "/d");
    }

    static Attributes attributes(EntryType type, std::int64_t seconds) {
        Attributes attributes;
        attributes.type = type;
        attributes.mode = 0711;
        attributes.mtime = {seconds, 0};
        return attributes;
    }

    void put(const std::string& path, const std::string& content, std::int64_t seconds) {
        Attributes wanted = attributes(EntryType::file, seconds);
        wanted.size = content.size();
        const auto writer = target_.createFile(path, wanted);
        writer->writeAt(0, bytesOf(content));
        writer->finish(wanted);
    }

    void restoreOver(Overwrite overwrite, bool resume = false) {
        problems.clear();
        ProblemLog log([this](const Problem& problem) { problems.push_back(problem); });
        ReplacingTarget replacing(target_);
        ReadSession session(*repository);
        runRestore(session, domainKey(), node_, replacing, {resume, 2, overwrite}, run_, log,
                   cancel);
    }

    std::string content(const std::string& path) {
        return std::string(textOf(target_.content(path)));
    }

    MemorySource source_;
    MemoryTarget target_{true};
    TreeNode node_;
    RunProgress run_;
};

TEST_F(OverwriteTest, NeverKeepsWhatIsThere) {
    restoreOver(Overwrite::never);
    EXPECT_EQ(problemText(), "");
    EXPECT_EQ(content("new"), "new");
    EXPECT_EQ(content("newer"), "in use");
    EXPECT_EQ(content("older"), "in use");
    EXPECT_EQ(target_.attributes("sub").mode, 0711U);
    EXPECT_EQ(run_.keptItems, 3U);
}

TEST_F(OverwriteTest, OlderReplacesWhatIsOlder) {
    restoreOver(Overwrite::older);
    EXPECT_EQ(problemText(), "");
    EXPECT_EQ(content("newer"), "in use");
    EXPECT_EQ(content("older"), "from the backup");
    EXPECT_EQ(target_.attributes("older").mtime.seconds, backedUp);
}

TEST_F(OverwriteTest, AlwaysReplacesAllButKeepsWhatTheBackupDoesNotHave) {
    put("mine", "in use", backedUp);
    restoreOver(Overwrite::always);
    EXPECT_EQ(problemText(), "");
    EXPECT_EQ(content("newer"), "from the backup");
    EXPECT_EQ(content("older"), "from the backup");
    EXPECT_EQ(content("mine"), "in use");
    EXPECT_EQ(target_.attributes("sub").mode, 0755U);
    EXPECT_EQ(run_.keptItems, 0U);
}

TEST_F(OverwriteTest, LeavesNothingUnderAnotherName) {
    restoreOver(Overwrite::always);
    EXPECT_EQ(target_.paths(), (std::vector<std::string>{"link", "new", "newer", "older", "sub"}));
}

TEST_F(OverwriteTest, AFailedRestoreLeavesTheOldFile) {
    target_.failWhenFull(15);
    expectError(ErrorCode::noSpace, [&] { restoreOver(Overwrite::always); });
    EXPECT_EQ(content("newer").size() + content("older").size() > 0, true);
    for (const char* path : {"newer", "older"}) {
        EXPECT_TRUE(content(path) == "in use" || content(path) == "from the backup") << path;
        EXPECT_TRUE(target_.isFinished(path)) << path;
    }
}

TEST_F(OverwriteTest, WhatAnInterruptedOneLeftIsMadeAnew) {
    target_.failWhenFull(15);
    expectError(ErrorCode::noSpace, [&] { restoreOver(Overwrite::always); });
    target_.failWhenFull(1 << 20);
    restoreOver(Overwrite::always, true);
    EXPECT_EQ(problemText(), "");
    EXPECT_EQ(target_.paths(), (std::vector<std::string>{"link", "new", "newer", "older", "sub"}));
    EXPECT_EQ(content("newer"), "from the backup");
}

TEST_F(OverwriteTest, AFolderIsNeverReplacedByAFile) {
    target_.makeFolder("new");
    restoreOver(Overwrite::always);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].path, "new");
    EXPECT_EQ(problems[0].code, ErrorCode::alreadyExists);
    EXPECT_EQ(target_.attributes("new").type, EntryType::folder);
}

TEST_F(OverwriteTest, AnEmptyTargetIsExpectedWithoutAPolicy) {
    ReadSession session(*repository);
    ProblemLog log([this](const Problem& problem) { problems.push_back(problem); });
    runRestore(session, domainKey(), node_, target_, {false, 2}, run_, log, cancel);
    EXPECT_EQ(content("newer"), "in use");
    EXPECT_EQ(problems.size(), 2U) << problemText();
}

TEST(Overwrite, KnowsItsWords) {
    EXPECT_EQ(overwriteOf("never"), Overwrite::never);
    EXPECT_EQ(overwriteOf("older"), Overwrite::older);
    EXPECT_EQ(overwriteOf("always"), Overwrite::always);
    expectError(ErrorCode::invalidArgument, [] { overwriteOf("sometimes"); });
}

}  // namespace
}  // namespace coffer
