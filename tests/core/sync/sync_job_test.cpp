// Whole synchronisations of two folders of this computer.

#include <sys/stat.h>

#include <algorithm>

#include "tests/core/sync/sync_fixture.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

TEST_F(SyncTest, AMirrorBringsContentModesTimesAndLinks) {
    put("a/d/f", "hello", 100);
    put("a/\xff\x01", "odd", 101);
    put("a/big", std::string(3 << 20, 'x') + "end", 102);
    fs::create_symlink("d/f", scratch_ / "a/l");
    fs::create_symlink("\xfe", scratch_ / "a/odd-link");
    fs::create_directory(scratch_ / "a/empty");
    ::chmod((scratch_ / "a/d/f").c_str(), 04750);
    put("b/extra", "stays", 5);
    const SyncCounts counts = run();
    EXPECT_EQ(counts.files, 3U);
    EXPECT_EQ(counts.links, 2U);
    EXPECT_TRUE(problems_.empty());
    auto expected = all("a");
    expected["/extra"] = "stays";
    EXPECT_EQ(all("b"), expected);
    const ObjectEntry entry = tree_.stat(scratch_ / "b/d/f");
    EXPECT_EQ(entry.mode, 0750U);  // nobody's rights are lent
    EXPECT_EQ(entry.modified, (Timestamp{100, 123}));
    EXPECT_EQ(tree_.stat(scratch_ / "b/d").modified, tree_.stat(scratch_ / "a/d").modified);

    const SyncCounts again = run();
    EXPECT_EQ(again.files + again.links + again.folders + again.adjusted, 0U);
    EXPECT_EQ(again.same, 5U);
}

TEST_F(SyncTest, AMirrorErasesWhenItIsTo) {
    put("a/f", "1", 1);
    put("b/g/h", "2", 2);
    put("b/g/kept", "3", 2);
    fs::create_symlink("x", scratch_ / "b/l");
    settings_.rules.erases = true;
    settings_.filter = SyncFilter({}, {"kept"});
    EXPECT_EQ(run().removed, 2U);
    EXPECT_EQ(all("b"),
              (std::map<std::string, std::string>{{"/f", "1"}, {"/g", "/"}, {"/g/kept", "3"}}));
    settings_.filter = {};
    EXPECT_EQ(run().removed, 2U);
    EXPECT_EQ(all("b"), all("a"));
}

TEST_F(SyncTest, AMirrorReplacesOtherKindsWhenItErases) {
    put("a/x", "file", 1);
    put("b/x/in", "folder", 2);
    put("a/y/in", "folder", 1);
    put("b/y", "file", 2);
    run();
    EXPECT_EQ(problems_.size(), 2U);
    EXPECT_EQ(content("b/x/in"), "folder");
    settings_.rules.erases = true;
    run();
    EXPECT_TRUE(problems_.empty());
    EXPECT_EQ(all("b"), all("a"));
}

TEST_F(SyncTest, TooManyDeletionsStopIt) {
    settings_.mostDeleted = 50;
    settings_.rules.erases = true;
    for (const char* name : {"1", "2", "3", "4"}) put(std::string("a/") + name, name, 1);
    run();
    for (const char* name : {"1", "2", "3"}) fs::remove(scratch_ / (std::string("a/") + name));
    put("a/new", "n", 1);
    expectError(ErrorCode::conflict, [&] { run(); });
    EXPECT_EQ(all("b").size(), 4U);
    EXPECT_FALSE(fs::exists(scratch_ / "b/new"));
    settings_.mostDeleted = 75;
    EXPECT_EQ(run().removed, 3U);
}

TEST_F(SyncTest, ASideThatIsSuddenlyEmptyOrGoneStopsIt) {
    settings_.mostDeleted = 99;
    put("a/f", "1", 1);
    run();
    fs::remove_all(scratch_ / "b");
    expectError(ErrorCode::conflict, [&] { run(); });
    fs::create_directory(scratch_ / "b");
    expectError(ErrorCode::conflict, [&] { run(); });
    EXPECT_TRUE(all("b").empty());
    settings_.mostDeleted = 100;
    run();
    settings_.mostDeleted = 99;
    fs::remove(scratch_ / "a/f");
    settings_.rules.twoWay = true;
    expectError(ErrorCode::conflict, [&] { run(); });
    fs::remove(scratch_ / "a");
    expectError(ErrorCode::conflict, [&] { run(); });
    settings_.rules.twoWay = false;
    expectError(ErrorCode::notFound, [&] { run(); });
    EXPECT_EQ(content("b/f"), "1");
}

TEST_F(SyncTest, ATargetThatWasNeverThereIsMade) {
    fs::remove(scratch_ / "b");
    put("a/f", "1", 1);
    settings_.preview = true;
    run();
    EXPECT_FALSE(fs::exists(scratch_ / "b"));
    settings_.preview = false;
    run();
    EXPECT_EQ(all("b"), all("a"));
}

TEST_F(SyncTest, APreviewChangesNothing) {
    put("a/f", "1", 1);
    put("a/d/g", "2", 1);
    put("b/old", "3", 1);
    settings_.rules.erases = true;
    settings_.preview = true;
    const SyncCounts counts = run();
    EXPECT_EQ(counts.files, 2U);
    EXPECT_EQ(counts.removed, 1U);
    EXPECT_EQ(notes_.size(), 4U);
    EXPECT_NE(std::ranges::find(notes_, "remove right:" + (scratch_ / "b/old")), notes_.end());
    EXPECT_EQ(all("b").size(), 1U);
}

TEST_F(SyncTest, BothWaysWithChangesAndDeletions) {
    settings_.rules.twoWay = true;
    put("a/one", "1", 1);
    put("a/d/two", "2", 1);
    put("b/three", "3", 1);
    run();
    EXPECT_EQ(all("a"), all("b"));
    fs::remove(scratch_ / "a/one");
    put("b/d/two", "two", 9);
    fs::remove(scratch_ / "b/three");
    run();
    EXPECT_EQ(all("a"), (std::map<std::string, std::string>{{"/d", "/"}, {"/d/two", "two"}}));
    EXPECT_EQ(all("a"), all("b"));
    // A change wins over the deletion of all around it.
    fs::remove_all(scratch_ / "a/d");
    put("b/d/two", "again", 10);
    run();
    EXPECT_EQ(content("a/d/two"), "again");
    fs::remove_all(scratch_ / "b/d");
    run();
    EXPECT_TRUE(all("a").empty());
}

TEST_F(SyncTest, InAConflictBothStay) {
    settings_.rules.twoWay = true;
    put("a/f", "left", 10);
    put("b/f", "right!", 20);
    const SyncCounts counts = run();
    EXPECT_EQ(counts.conflicts, 1U);
    EXPECT_EQ(content("a/f"), "right!");
    EXPECT_EQ(content("b/f.conflict-20270115T080000Z-left"), "left");
    EXPECT_EQ(all("a"), all("b"));
    const SyncCounts again = run();
    EXPECT_EQ(again.files + again.conflicts, 0U);
}

TEST_F(SyncTest, TheSameChangeOnBothSidesIsNoConflict) {
    settings_.rules.twoWay = true;
    put("a/f", "same", 10);
    put("b/f", "same", 20);
    const SyncCounts counts = run();
    EXPECT_EQ(counts.conflicts, 0U);
    EXPECT_EQ(counts.adjusted, 1U);
    EXPECT_EQ(tree_.stat(scratch_ / "a/f").modified, (Timestamp{20, 123}));
    EXPECT_EQ(run().adjusted, 0U);
}

TEST_F(SyncTest, AConflictMayHaveAWinner) {
    settings_.rules = {.twoWay = true, .conflict = SyncConflict::source};
    put("a/f", "left", 10);
    put("b/f", "right!", 20);
    EXPECT_EQ(run().conflicts, 1U);
    EXPECT_EQ(content("b/f"), "left");
    EXPECT_EQ(all("b").size(), 1U);
    EXPECT_EQ(notes_.front(), "conflict right:" + (scratch_ / "b/f"));
}

TEST_F(SyncTest, ContentIsComparedWhenAskedFor) {
    put("a/f", "one", 10);
    put("b/f", "two", 10);
    run();
    EXPECT_EQ(content("b/f"), "two");
    settings_.rules.readsContent = true;
    run();
    EXPECT_EQ(content("b/f"), "one");
}

TEST_F(SyncTest, SpecialFilesAreProblems) {
    ::mkfifo((scratch_ / "a/pipe").c_str(), 0600);
    put("a/f", "1", 1);
    run();
    ASSERT_EQ(problems_.size(), 1U);
    EXPECT_EQ(problems_.front().code, ErrorCode::unsupported);
    EXPECT_EQ(content("b/f"), "1");
}

TEST_F(SyncTest, AFileThatChangesWhileItIsReadIsReadAgain) {
    put("a/f", "first", 1);
    int changes = 1;
    a_.onRead = [&](const std::string&) {
        if (changes-- > 0) put("a/f", "second!", 2);
    };
    run();
    EXPECT_EQ(content("b/f"), "second!");
    EXPECT_TRUE(problems_.empty());
    put("a/f", "x", 3);
    std::int64_t time = 4;
    a_.onRead = [&](const std::string&) { put("a/f", "y", ++time); };
    run();
    ASSERT_EQ(problems_.size(), 1U);
    EXPECT_EQ(problems_.front().code, ErrorCode::conflict);
    EXPECT_EQ(content("b/f"), "second!");
    EXPECT_EQ(all("b").size(), 1U);  // nothing of the attempts
}

TEST_F(SyncTest, WhatChangesAtTheTargetMeanwhileIsNotReplaced) {
    settings_.rules.twoWay = true;
    put("a/f", "1", 1);
    run();
    put("a/f", "2", 2);
    a_.onRead = [&](const std::string&) { put("b/f", "meanwhile", 3); };
    run();
    EXPECT_EQ(problems_.size(), 1U);
    EXPECT_EQ(content("b/f"), "meanwhile");
    a_.onRead = {};
    run();
    EXPECT_EQ(content("a/f"), "meanwhile");
    EXPECT_EQ(all("a").size(), 2U);
}

TEST_F(SyncTest, WhatARunThatWasCutHasLeftGoes) {
    put("a/f", "1", 1);
    put("b/" + temporaryName("g"), "half", 1);
    run();
    EXPECT_EQ(all("b"), all("a"));
}

TEST_F(SyncTest, WhatIsExcludedIsLeftAlone) {
    settings_.rules.twoWay = true;
    settings_.filter = SyncFilter({}, {"*.tmp", "/cache/"});
    put("a/x.tmp", "1", 1);
    put("a/cache/c", "1", 1);
    put("a/d/cache/c", "2", 1);
    put("b/y.tmp", "1", 1);
    run();
    EXPECT_EQ(content("b/d/cache/c"), "2");
    EXPECT_EQ(all("b").size(), 4U);
    EXPECT_FALSE(fs::exists(scratch_ / "a/y.tmp"));
}

TEST_F(SyncTest, OnlyWhatIsIncludedTakesPart) {
    settings_.filter = SyncFilter({"*.txt", "/all/"}, {});
    put("a/1.txt", "1", 1);
    put("a/1.bin", "1", 1);
    put("a/all/x/y", "2", 1);
    run();
    EXPECT_EQ(all("b"), (std::map<std::string, std::string>{
                            {"/1.txt", "1"}, {"/all", "/"}, {"/all/x", "/"}, {"/all/x/y", "2"}}));
}

TEST_F(SyncTest, AFolderThatComesBackIsNew) {
    settings_.rules.twoWay = true;
    put("a/D/x/c1", "1", 1);
    put("a/D/c2", "2", 2);
    run();
    fs::rename(scratch_ / "a/D", scratch_ / "kept");
    fs::remove_all(scratch_ / "b/D");
    run();
    fs::rename(scratch_ / "kept", scratch_ / "a/D");
    run();
    EXPECT_EQ(content("a/D/x/c1"), "1");
    EXPECT_EQ(content("a/D/c2"), "2");
    EXPECT_EQ(all("b"), all("a"));
}

TEST_F(SyncTest, AFolderThatWasAFileMeanwhileIsNew) {
    settings_.rules.twoWay = true;
    put("a/D/c1", "1", 1);
    run();
    for (const char* side : {"a", "b"}) {
        fs::rename(scratch_ / (std::string(side) + "/D"), scratch_ / (std::string(side) + "-kept"));
        put(std::string(side) + "/D", "file", 2);
    }
    run();
    fs::remove(scratch_ / "a/D");
    fs::remove(scratch_ / "b/D");
    fs::rename(scratch_ / "a-kept", scratch_ / "a/D");
    fs::create_directory(scratch_ / "b/D");
    run();
    EXPECT_EQ(content("a/D/c1"), "1");
    EXPECT_EQ(all("b"), all("a"));
}

// As earlier versions left it, or another program.
TEST_F(SyncTest, OfANewFolderNothingIsRemembered) {
    settings_.rules.twoWay = true;
    put("a/D/c", "1", 1);
    put("a/D/d", "2", 1);
    const SyncLook folder{SyncKind::folder, 0, {}, 0755, {}};
    SyncLook file = lookAt(SyncFolder{tree_, scratch_ / "a", "left"}, "/D/c");
    {
        SyncStore store(scratch_ / "store.db", "a b");
        store.put("/D", {"c", file, file});
        store.put("/D", {"d", file, file});
        store.commit();
    }
    const auto before = all("a");
    settings_.preview = true;
    EXPECT_EQ(run().removed, 0U);
    settings_.preview = false;
    a_.onRead = [&](const std::string& path) {
        if (path.ends_with("d")) throw Killed();
    };
    EXPECT_THROW(run(), Killed);
    EXPECT_TRUE(fs::exists(scratch_ / "b/D"));
    a_.onRead = nullptr;
    run();
    EXPECT_EQ(all("a"), before);
    EXPECT_EQ(all("b"), before);
}

TEST_F(SyncTest, OfAFolderAndAFileBothStay) {
    settings_.rules.twoWay = true;
    put("a/D/c1", "1", 1);
    put("a/D/c2", "2", 2);
    run();
    fs::remove_all(scratch_ / "b/D");
    put("b/D", "file", 3);
    run();
    EXPECT_EQ(content("a/D/c1"), "1");
    EXPECT_EQ(content("b/D/c2"), "2");
    EXPECT_EQ(all("b"), all("a"));
    EXPECT_EQ(all("a").size(), 4U);
}

TEST_F(SyncTest, AConflictThatIsCutLosesNothing) {
    settings_.rules.twoWay = true;
    settings_.rules.readsContent = true;
    for (const bool kills : {false, true}) {
        SCOPED_TRACE(kills);
        const std::string name = kills ? "/killed" : "/away";
        put("a" + name, "same", 1);
        run();
        put("a" + name, "SAME", 1);
        b_.kills = kills;
        for (int calls = 1; fs::exists(scratch_ / ("b" + name)); ++calls) {
            ASSERT_LT(calls, 100);
            b_.allow(calls);
            EXPECT_ANY_THROW(run());
        }
        b_.allow(-1);
        run();
        EXPECT_EQ(content("a" + name), "SAME");
        EXPECT_EQ(content("b" + name), "SAME");
        EXPECT_EQ(all("b"), all("a"));
    }
    EXPECT_EQ(all("a").size(), 4U);
}

TEST_F(SyncTest, WhatWasDeletedBeforeACutMayComeBack) {
    settings_.rules.twoWay = true;
    put("a/a", "1", 1);
    put("a/z", "2", 1);
    run();
    fs::rename(scratch_ / "a/a", scratch_ / "kept");
    put("b/z", "changed", 2);
    a_.onRead = b_.onRead = [&](const std::string&) {
        throw Error(ErrorCode::unavailable, "the agent is away");
    };
    expectError(ErrorCode::unavailable, [&] { run(); });
    EXPECT_FALSE(fs::exists(scratch_ / "b/a"));
    a_.onRead = b_.onRead = nullptr;
    fs::rename(scratch_ / "kept", scratch_ / "a/a");
    run();
    EXPECT_EQ(content("a/a"), "1");
    EXPECT_EQ(all("b"), all("a"));
}

TEST_F(SyncTest, NothingIsRememberedBeforeItIsOnTheDisks) {
    settings_.rules.twoWay = true;
    for (int number = 0; number < 1'200; ++number) put("a/" + std::to_string(number), "1", 1);
    const auto remembered = [&] { return SyncStore(scratch_ / "store.db", "a b").of("/").size(); };
    std::vector<std::size_t> atFlush;
    b_.onFlush = [&] { atFlush.push_back(remembered()); };
    run();
    EXPECT_EQ(atFlush, (std::vector<std::size_t>{0, 0, 1'000}));
    EXPECT_EQ(remembered(), 1'200U);
    put("a/more", "1", 1);
    b_.onFlush = [&, begun = false]() mutable {
        if (std::exchange(begun, true)) throw Error(ErrorCode::ioError, "the disk is broken");
    };
    expectError(ErrorCode::ioError, [&] { run(); });
    EXPECT_EQ(remembered(), 1'200U);
}

TEST_F(SyncTest, WhatWasDoneBeforeAStopIsRemembered) {
    settings_.rules.twoWay = true;
    put("a/a", "1", 1);
    put("a/z", "2", 1);
    a_.onRead = [&](const std::string& path) {
        if (path.ends_with("z")) throw Error(ErrorCode::cancelled, "stopped");
    };
    expectError(ErrorCode::cancelled, [&] { run(); });
    SyncStore store(scratch_ / "store.db", "a b");
    const auto remembered = store.of("/");
    ASSERT_EQ(remembered.size(), 1U);
    EXPECT_EQ(remembered[0].name, "a");
}

TEST_F(SyncTest, ASideThatIsEmptyAtTheSecondLookStopsIt) {
    settings_.rules.erases = true;
    settings_.mostDeleted = 99;
    for (const char* name : {"1", "2", "3"}) put(std::string("a/") + name, name, 1);
    run();
    const auto before = all("b");
    int looks = 0;
    a_.onList = [&] {
        if (++looks == 2) fs::rename(scratch_ / "a", scratch_ / "disk");
        if (looks == 2) fs::create_directory(scratch_ / "a");
    };
    expectError(
        ErrorCode::conflict, [&] { run(); }, "was not when this run began");
    EXPECT_EQ(all("b"), before);
}

TEST_F(SyncTest, WhatWasEmptiedOnPurposeMayStayEmptyAndBeFilledAgain) {
    settings_.rules.erases = true;
    put("a/1", "1", 1);
    put("a/d/2", "2", 1);
    run();
    fs::remove(scratch_ / "a/1");
    fs::remove_all(scratch_ / "a/d");
    EXPECT_EQ(run().removed, 3U);
    settings_.mostDeleted = 50;
    put("a/new", "n", 1);
    EXPECT_EQ(run().files, 1U);
}

TEST_F(SyncTest, MemoryOfOtherFoldersIsNotBelieved) {
    {
        SyncStore store(scratch_ / "store.db", "a b");
        store.put("/", {"f", {SyncKind::file}, {SyncKind::file}});
        store.setCounts({1, 2});
        store.commit();
    }
    EXPECT_EQ(SyncStore(scratch_ / "store.db", "a b").of("/").size(), 1U);
    SyncStore other(scratch_ / "store.db", "a c");
    EXPECT_TRUE(other.of("/").empty());
    EXPECT_FALSE(other.counts());
}

}  // namespace
}  // namespace coffer
