#include <gtest/gtest.h>

#include <algorithm>

#include "core/pipeline/journal_files.h"
#include "core/source/memory_source.h"
#include "core/source/memory_target.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

Bytes text(const std::string& content) {
    return toBytes(bytesOf(content));
}

class Backup : public testing::Test {
  protected:
    Backup() {
        source.addFolder("/data");
        source.addFile("/data/a", bytesOf("first"));
        source.addFile("/data/b", noise(700'000, 1));
        source.addFolder("/data/sub");
        source.addFile("/data/sub/c", bytesOf("third"));
    }
    Snapshot backup() { return fixture.backupPaths(source, {"/data"}); }

    std::unique_ptr<MemoryTarget> restored(const Snapshot& snapshot) {
        auto target = std::make_unique<MemoryTarget>();
        fixture.restore(fixture.node(snapshot, "/data"), *target);
        return target;
    }
    bool reported(const std::string& path, ErrorCode code) {
        return std::ranges::any_of(fixture.problems, [&](const Problem& problem) {
            return problem.path == path && problem.code == code;
        });
    }

    PipelineFixture fixture;
    MemorySource source;
};

TEST_F(Backup, UnchangedFilesAreNotOpened) {
    const Snapshot first = backup();
    const std::uint64_t opened = source.filesOpened();
    EXPECT_EQ(opened, 3U);
    const Snapshot second = backup();
    EXPECT_EQ(source.filesOpened(), opened);
    EXPECT_EQ(second.root.tree, first.root.tree);
    EXPECT_EQ(second.statistics.files, 3U);
    EXPECT_EQ(second.statistics.newBytes, 0U);
}

TEST_F(Backup, OnlyTheChangedFileIsOpened) {
    backup();
    const std::uint64_t opened = source.filesOpened();
    source.change("/data/sub/c", [](MemoryEntry& entry) {
        entry.setContent(text("other"));
        entry.stat.ctime.seconds += 5;
    });
    const Snapshot second = backup();
    EXPECT_EQ(source.filesOpened(), opened + 1);
    EXPECT_EQ(restored(second)->content("sub/c"), text("other"));
    EXPECT_EQ(restored(second)->content("b"), noise(700'000, 1));
}

TEST_F(Backup, SameTimesAndSizeButAnotherInodeCountAsChanged) {
    backup();
    const std::uint64_t opened = source.filesOpened();
    source.change("/data/a", [](MemoryEntry& entry) { entry.stat.inode += 1000; });
    backup();
    EXPECT_EQ(source.filesOpened(), opened + 1);
}

TEST_F(Backup, AFileChangedWithinTheClockTickIsReadAgain) {
    const Timestamp now = fixture.clock.now();
    source.change("/data/a", [&](MemoryEntry& entry) {
        entry.stat.ctime = {now.seconds + 3600, 500};  // not long enough ago, whenever it is asked
    });
    backup();
    const std::uint64_t opened = source.filesOpened();
    backup();
    EXPECT_EQ(source.filesOpened(), opened + 1);
}

TEST_F(Backup, AFileThatChangesWhileBeingReadIsReportedAndKept) {
    source.change("/data/a", [](MemoryEntry& entry) {
        entry.afterRead = [](MemoryEntry& self, std::uint64_t) { self.stat.mtime.seconds += 1; };
    });
    const Snapshot snapshot = backup();
    EXPECT_TRUE(reported("/data/a", ErrorCode::conflict)) << fixture.problemText();
    EXPECT_EQ(snapshot.statistics.warnings, 1U);
    EXPECT_EQ(fixture.node(snapshot, "/data/a").condition, changedWhileRead);
    EXPECT_EQ(restored(snapshot)->content("a"), text("first"));
}

TEST_F(Backup, AFileThatGrowsOnceIsReadAgainWithoutAWarning) {
    source.change("/data/a", [](MemoryEntry& entry) {
        entry.afterRead = [](MemoryEntry& self, std::uint64_t) {
            self.afterRead = nullptr;
            self.setContent(text("first and more"));
            self.stat.mtime.seconds += 1;
        };
    });
    const Snapshot snapshot = backup();
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(restored(snapshot)->content("a"), text("first and more"));
}

TEST_F(Backup, AVanishedEntryIsReportedAndTheRestIsThere) {
    source.change("/data/a", [](MemoryEntry& entry) { entry.vanishesAfterList = true; });
    const Snapshot snapshot = backup();
    EXPECT_TRUE(reported("/data/a", ErrorCode::notFound)) << fixture.problemText();
    EXPECT_EQ(restored(snapshot)->paths(), (std::vector<std::string>{"b", "sub", "sub/c"}));
}

TEST_F(Backup, AnUnreadableFileIsReportedAndNeverRestoredAsIfItWereWhole) {
    source.change("/data/b", [](MemoryEntry& entry) { entry.readErrorAt = 300'000; });
    const Snapshot snapshot = backup();
    EXPECT_TRUE(reported("/data/b", ErrorCode::ioError)) << fixture.problemText();
    EXPECT_EQ(fixture.node(snapshot, "/data/b").condition, unreadable);
    const auto target = restored(snapshot);
    EXPECT_EQ(target->paths(), (std::vector<std::string>{"a", "sub", "sub/c"}));
    EXPECT_TRUE(reported("b", ErrorCode::notFound)) << fixture.problemText();
    // It is tried again although nothing about it has changed.
    source.change("/data/b", [](MemoryEntry& entry) { entry.readErrorAt.reset(); });
    EXPECT_EQ(restored(backup())->content("b"), noise(700'000, 1));
}

TEST_F(Backup, AnUnreadableFolderIsReportedAndKeptAsAName) {
    source.change("/data/sub", [](MemoryEntry& entry) {
        entry.openError = Error(ErrorCode::permissionDenied, "no");
    });
    const Snapshot snapshot = backup();
    EXPECT_TRUE(reported("/data/sub", ErrorCode::permissionDenied)) << fixture.problemText();
    EXPECT_EQ(fixture.node(snapshot, "/data/sub").condition, unreadable);
    EXPECT_EQ(restored(snapshot)->paths(), (std::vector<std::string>{"a", "b", "sub"}));
}

TEST_F(Backup, WhatWasNamedHasToBeThere) {
    EXPECT_THROW(fixture.backupPaths(source, {"/nope"}), Error);
    EXPECT_THROW(fixture.backupPaths(source, {"relative"}), Error);
    EXPECT_THROW(fixture.backupPaths(source, {"/data/../data"}), Error);
    EXPECT_THROW(fixture.backupPaths(source, {}), Error);
    EXPECT_TRUE(loadSnapshots(*fixture.repository).empty());
}

/// A store whose disk is full.
class FullStore : public BackupStore {
  public:
    explicit FullStore(BackupStore& store) : store_(store) {}
    const SessionTerms& terms() const override { return store_.terms(); }
    std::vector<bool> missing(std::span<const ChunkId> ids) override { return store_.missing(ids); }
    std::unique_ptr<PackUpload> openPack() override { throw Error(ErrorCode::noSpace, "full"); }
    Timestamp commit(const SealedSnapshot& snapshot) override { return store_.commit(snapshot); }

  private:
    BackupStore& store_;
};

TEST_F(Backup, WhatTheStoreRefusesIsNoFaultOfAFile) {
    source.addFile("/data/large", noise(3'000'000, 2));  // packs while it is being read
    WriteSession session(*fixture.repository, fixture.agent.id, {});
    FullStore store(session);
    BackupRequest request;
    request.paths = {"/data"};
    expectError(ErrorCode::noSpace, [&] { fixture.backup(source, request, store); });
    EXPECT_EQ(fixture.problemText(), "");
}

TEST_F(Backup, SeveralPathsAndASingleFile) {
    source.addFolder("/other");
    source.addFile("/other/x", bytesOf("x"));
    source.addFile("/other/y", bytesOf("y"));
    const Snapshot snapshot = fixture.backupPaths(source, {"/data/sub", "/other/x", "/data/sub/c"});
    EXPECT_EQ(snapshot.statistics.files, 2U);
    EXPECT_EQ(fixture.node(snapshot, "/other/x").attributes.size, 1U);
    EXPECT_THROW(fixture.node(snapshot, "/other/y"), Error);
    EXPECT_THROW(fixture.node(snapshot, "/data/a"), Error);
}

TEST_F(Backup, ExcludesLeaveOutAndAreRemembered) {
    BackupRequest request;
    request.paths = {"/data"};
    request.excludes = {"sub/", "/data/a"};
    const Snapshot snapshot = fixture.backup(source, request);
    EXPECT_EQ(restored(snapshot)->paths(), (std::vector<std::string>{"b"}));
    EXPECT_EQ(snapshot.excludes, request.excludes);
}

// Files as the filters choose them.
class Filters : public Backup {
  protected:
    Filters() {
        source.addFolder("/data/empty");
        source.addFolder("/data/sub/deep");
        source.addFile("/data/sub/deep/d.c", bytesOf("fourth"));
        source.addFile("/data/sub/deep/e.h", bytesOf("fifth"));
        request.paths = {"/data"};
    }
    std::vector<std::string> chosen() { return restored(fixture.backup(source, request))->paths(); }

    BackupRequest request;
};

using Names = std::vector<std::string>;

TEST_F(Filters, WhatIsIncludedIsWhatMatches) {
    request.includes = {"*.c"};
    EXPECT_EQ(chosen(), (Names{"empty", "sub", "sub/deep", "sub/deep/d.c"}));
    request.includes = {"/data/sub/"};
    EXPECT_EQ(chosen(), (Names{"sub", "sub/c", "sub/deep", "sub/deep/d.c", "sub/deep/e.h"}));
    request.includes = {"/data/sub/deep/", "!*.h"};
    EXPECT_EQ(chosen(), (Names{"sub", "sub/deep", "sub/deep/d.c"}));
    request.includes = {"/data/sub/", "!/data/sub/deep/", "/data/sub/deep/e.h"};
    EXPECT_EQ(chosen(), (Names{"sub", "sub/c", "sub/deep", "sub/deep/e.h"}));
    request.includes = {"/data"};
    EXPECT_EQ(chosen().size(), 8U);
    request.includes = {"/other"};
    EXPECT_EQ(chosen(), Names{});
}

TEST_F(Filters, WhatIsExcludedIsNotIncluded) {
    request.includes = {"/data/sub/"};
    request.excludes = {"deep/"};
    EXPECT_EQ(chosen(), (Names{"sub", "sub/c"}));
}

TEST_F(Filters, WhatWasNamedIsThereWhateverThePatternsSay) {
    request.paths = {"/data/a", "/data/sub"};
    request.includes = {"*.c"};
    const Snapshot snapshot = fixture.backup(source, request);
    EXPECT_EQ(fixture.node(snapshot, "/data/a").attributes.size, 5U);
    EXPECT_THROW(fixture.node(snapshot, "/data/sub/c"), Error);
    EXPECT_EQ(fixture.node(snapshot, "/data/sub/deep/d.c").attributes.size, 6U);
}

TEST_F(Filters, SizeAndAgeAreOfFiles) {
    request.excludeLargerThan = 6;
    EXPECT_EQ(chosen(),
              (Names{"a", "empty", "sub", "sub/c", "sub/deep", "sub/deep/d.c", "sub/deep/e.h"}));
    request.excludeLargerThan.reset();
    const auto setAge = [&](const char* path, std::int64_t seconds) {
        source.change(path, [&](MemoryEntry& entry) {
            entry.stat.mtime = fixture.clock.now();
            entry.stat.mtime.seconds -= seconds;
        });
    };
    for (const char* path : {"/data/a", "/data/b", "/data/sub/c", "/data/sub/deep/d.c"}) {
        setAge(path, 100);
    }
    setAge("/data/sub/deep/e.h", 1'000);
    setAge("/data/sub/deep", 1'000);
    request.excludeOlderThan = 500;
    EXPECT_EQ(chosen(), (Names{"a", "b", "empty", "sub", "sub/c", "sub/deep", "sub/deep/d.c"}));
}

// The base is of the backup before, whatever that left out.
TEST_F(Filters, MayChangeBetweenBackups) {
    const Names all = chosen();
    const auto expectAfter = [&](const Names& names) {
        EXPECT_EQ(chosen(), names);
        EXPECT_EQ(chosen(), names);
        EXPECT_EQ(fixture.problemText(), "");
    };
    request.includes = {"*.c"};
    expectAfter({"empty", "sub", "sub/deep", "sub/deep/d.c"});
    request.includes = {"*.h"};
    expectAfter({"empty", "sub", "sub/deep", "sub/deep/e.h"});
    request.includes.clear();
    request.excludeLargerThan = 5;
    expectAfter({"a", "empty", "sub", "sub/c", "sub/deep", "sub/deep/e.h"});
    request.excludeLargerThan.reset();
    request.excludes = {"/data/sub/deep"};
    expectAfter({"a", "b", "empty", "sub", "sub/c"});
    request.excludes.clear();
    expectAfter(all);
}

TEST_F(Filters, HoldInLargeFoldersToo) {
    source.addFolder("/data/many");
    for (int i = 0; i < 3'000; ++i) {
        source.addFile("/data/many/" + std::to_string(i) + (i % 1'000 == 0 ? ".c" : ".h"),
                       bytesOf("x"));
    }
    request.includes = {"/data/many/", "!*.h"};
    EXPECT_EQ(chosen(), (Names{"many", "many/0.c", "many/1000.c", "many/2000.c"}));
}

TEST_F(Filters, AreRemembered) {
    request.includes = {"*.c", "/data/sub/"};
    request.excludeLargerThan = 4'000'000'000;
    request.excludeOlderThan = 86'400;
    request.excludeCaches = true;
    EXPECT_EQ(fixture.backup(source, request).filters,
              (Names{"include=*.c", "include=/data/sub/", "exclude-larger-than=4000000000",
                     "exclude-older-than=86400s", "exclude-caches=yes"}));
    EXPECT_TRUE(backup().filters.empty());
}

TEST_F(Filters, ThatMakeNoSenseAreRefused) {
    request.includes = {"a//b"};
    expectError(
        ErrorCode::invalidArgument, [&] { fixture.backup(source, request); }, "include");
    request.includes = {std::string(64 << 10, 'x')};
    expectError(
        ErrorCode::invalidArgument, [&] { fixture.backup(source, request); }, "64 KiB");
}

TEST_F(Backup, OneFileSystemKeepsAMountPointAsAnEmptyFolder) {
    for (const char* path : {"/data/sub", "/data/sub/c"}) {
        source.change(path, [](MemoryEntry& entry) { entry.stat.device = 99; });
    }
    BackupRequest request;
    request.paths = {"/data"};
    request.oneFileSystem = true;
    EXPECT_EQ(restored(fixture.backup(source, request))->paths(),
              (std::vector<std::string>{"a", "b", "sub"}));
}

TEST_F(Backup, SeveralNamesOfOneFileAreReadOnce) {
    source.addLink("/data/b", "/data/sub/again");
    const Snapshot snapshot = backup();
    EXPECT_LT(snapshot.statistics.readBytes, 800'000U);
    const auto target = restored(snapshot);
    EXPECT_EQ(target->content("sub/again"), noise(700'000, 1));
}

// More files with several names than there is room to remember: content comes back, and it is told.
TEST_F(Backup, NamesOfFilesThatCannotBeRememberedAreRestoredApart) {
    source.addFolder("/data/links");
    for (const std::string name : {"/data/links/1", "/data/links/2", "/data/links/3"}) {
        source.addFile(name, bytesOf("content of " + name));
        source.addLink(name, name + "-again");
        source.addLink(name, name + "-once-more");
    }
    const Snapshot snapshot = backup();
    const auto groupsWithin = [&](std::size_t octets, std::size_t problems) {
        MemoryTarget target;
        std::vector<Problem> found;
        ProblemLog log([&](const Problem& problem) { found.push_back(problem); });
        RunProgress progress;
        RestoreSettings settings;
        settings.workers = 2;
        settings.linkMemory = octets;
        ReadSession session(*fixture.repository);
        runRestore(session, fixture.domainKey(), fixture.node(snapshot, "/data/links"), target,
                   settings, progress, log, fixture.cancel);
        EXPECT_EQ(found.size(), problems);
        for (const Problem& problem : found) EXPECT_EQ(problem.code, ErrorCode::limitExceeded);
        EXPECT_EQ(progress.files, 9U);
        std::size_t linked = 0;
        for (const std::string name : {"1", "2", "3"}) {
            for (const std::string suffix : {"-again", "-once-more"}) {
                EXPECT_EQ(target.content(name + suffix),
                          toBytes(bytesOf("content of /data/links/" + name)));
                if (target.stat(name)->inode == target.stat(name + suffix)->inode) ++linked;
            }
        }
        return linked / 2;
    };
    EXPECT_EQ(groupsWithin(1U << 20, 0), 3U);
    EXPECT_EQ(groupsWithin(800, 1), 2U);
    EXPECT_EQ(groupsWithin(0, 1), 0U);
}

TEST_F(Backup, VeryManyNamesOfOneFileAreLinked) {
    source.addFolder("/data/links");
    source.addFile("/data/links/0", bytesOf("content"));
    for (int i = 1; i < 9'000; ++i) {
        source.addLink("/data/links/0", "/data/links/" + std::to_string(i));
    }
    const auto target = restored(backup());
    const std::uint64_t inode = target->stat("links/0")->inode;
    for (int i = 1; i < 9'000; ++i) {
        ASSERT_EQ(target->stat("links/" + std::to_string(i))->inode, inode);
    }
    EXPECT_TRUE(target->isFinished("links"));
}

TEST_F(Backup, TheSameContentTwiceIsStoredOnce) {
    source.addFile("/data/copy", noise(700'000, 1));
    const Snapshot snapshot = backup();
    EXPECT_LT(snapshot.statistics.newBytes, 720'000U);
    EXPECT_GT(snapshot.statistics.readBytes, 1'400'000U);
}

// Small files are hashed together: more of them than are asked for at a time, some of them the same
// or with a second name.
TEST_F(Backup, ManySmallFilesKeepTheirOwnContents) {
    const auto contentOf = [](std::uint32_t number) {
        return noise(1 + number * 37 % 5000, number % 250);
    };
    const auto nameOf = [](std::uint32_t number) { return "many/" + std::to_string(number); };
    source.addFolder("/data/many");
    for (std::uint32_t i = 0; i < 300; ++i) source.addFile("/data/" + nameOf(i), contentOf(i));
    source.addLink("/data/" + nameOf(7), "/data/many/again");
    const auto target = restored(backup());
    EXPECT_EQ(fixture.problemText(), "");
    for (std::uint32_t i = 0; i < 300; ++i) EXPECT_EQ(target->content(nameOf(i)), contentOf(i));
    EXPECT_EQ(target->content("many/again"), contentOf(7));
}

// A window is read at a time; its end is no cut.
TEST_F(Backup, LargeFilesAreCutAsIfTheyWereReadInOneGo) {
    const Bytes content = noise(4'500'000, 7);
    source.addFile("/data/large", content);
    const Snapshot snapshot = backup();
    const AgentKeys keys = fixture.repository->agentKeys(fixture.agent);
    const Chunker chunker(fixture.repository->config().chunker, keys.domain.seed);
    ChunkHasher hasher(keys.domain.key);
    std::vector<Extent> expected;
    for (ByteView rest = content; !rest.empty();) {
        const ByteView chunk = rest.first(chunker.cut(rest));
        expected.push_back({chunk.size(), hasher.id(ChunkKind::data, chunk)});
        rest = rest.subspan(chunk.size());
    }
    EXPECT_EQ(fixture.node(snapshot, "/data/large").content.extents, expected);
    EXPECT_EQ(restored(snapshot)->content("large"), content);
}

TEST_F(Backup, LargeChunksShareBlocks) {
    source.addFile("/data/large", noise(12'000'000, 7));
    for (std::uint32_t i = 0; i < 20; ++i) {
        source.addFile("/data/small" + std::to_string(i), noise(50'000, 100 + i));
    }
    backup();
    std::size_t shared = 0;
    for (const PackId& id : fixture.repository->ledger().packsIn(PackState::received)) {
        const auto pack = fixture.repository->openPack(id);
        for (const BlockPlace& block : pack->directory().blocks) {
            EXPECT_LE(block.rawLength, 3U << 20);
            const auto isLarge = [](const ChunkPlace& chunk) { return chunk.length >= 192 << 10; };
            const auto large = std::ranges::count_if(block.chunks, isLarge);
            EXPECT_TRUE(large == 0 || large == std::ssize(block.chunks));
            EXPECT_LE(large == 0 ? block.rawLength : 0, 384U << 10);
            shared += large > 1;
        }
    }
    EXPECT_GE(shared, 1U);
}

TEST_F(Backup, ALostCacheCostsReadingButStoresNothing) {
    backup();
    fixture.scratch.path();
    BackupRequest request;
    request.paths = {"/data"};
    const AgentKeys keys = fixture.repository->agentKeys(fixture.agent);
    ScratchFolder empty;
    WriteSession session(*fixture.repository, fixture.agent.id, {});
    RunProgress progress;
    ProblemLog problems;
    const Snapshot second =
        runBackup(source, session, keys, fixture.repository->config().chunker, request,
                  {1, 2, empty.path()}, fixture.clock, progress, problems, fixture.cancel);
    EXPECT_EQ(second.statistics.newBytes, 0U);
    EXPECT_GT(second.statistics.readBytes, 700'000U);
}

TEST_F(Backup, AForgottenBaseIsAskedAboutAndNotReadAgain) {
    const Snapshot first = backup();
    fixture.repository->forget(first.id);
    const std::uint64_t opened = source.filesOpened();
    const Snapshot second = backup();
    EXPECT_EQ(source.filesOpened(), opened);
    EXPECT_FALSE(second.base.has_value());
    EXPECT_EQ(second.root.tree, first.root.tree);
    EXPECT_EQ(restored(second)->content("b"), noise(700'000, 1));
}

TEST_F(Backup, ACancelledRunGoesOnWhereItWas) {
    for (int i = 0; i < 50; ++i) {
        const std::string folder = "/data/f" + std::to_string(100 + i);
        source.addFolder(folder);
        source.addFile(folder + "/x", noise(100'000, static_cast<std::uint32_t>(i + 10)));
    }
    source.change("/data/f130/x", [&](MemoryEntry& entry) {
        entry.afterRead = [&](MemoryEntry&, std::uint64_t) { fixture.cancel.request(); };
    });
    try {
        backup();
        FAIL() << "was not cancelled";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::cancelled);
    }
    EXPECT_TRUE(loadSnapshots(*fixture.repository).empty());
    source.change("/data/f130/x", [&](MemoryEntry& entry) { entry.afterRead = nullptr; });
    PipelineFixture& f = fixture;
    ProblemLog log;
    RunProgress progress;
    CancelToken fresh;
    BackupRequest request;
    request.host = "test";
    request.paths = {"/data"};
    const AgentKeys keys = f.repository->agentKeys(f.agent);
    WriteSession session(*f.repository, f.agent.id,
                         baseOf(request, f.scratch.path(), keys.repositoryId));
    const Snapshot snapshot =
        runBackup(source, session, keys, f.repository->config().chunker, request,
                  {1, 2, f.scratch.path()}, f.clock, progress, log, fresh);
    EXPECT_EQ(snapshot.statistics.files, 53U);
    MemoryTarget target;
    RunProgress run;
    ReadSession reading(*f.repository);
    runRestore(reading, f.domainKey(), f.node(snapshot, "/data"), target, {false, 2}, run, log,
               fresh);
    EXPECT_EQ(target.content("f130/x"), noise(100'000, 40));
    EXPECT_EQ(log.count(), 0U);
}

// A run of a folder whose files look changed, and are not, is cut twice.
TEST_F(Backup, ACutRunKeepsWhatItHadReadOfAFolder) {
    const auto path = [](int i) { return "/data/f" + std::to_string(100 + i); };
    for (int i = 0; i < 20; ++i) {
        source.addFile(path(i), noise(30'000, static_cast<std::uint32_t>(i + 10)));
    }
    backup();
    for (int i = 0; i < 20; ++i) {
        source.change(path(i), [](MemoryEntry& entry) { entry.stat.ctime.seconds += 5; });
    }
    BackupRequest request;
    request.host = "test";
    request.paths = {"/data"};
    const AgentKeys keys = fixture.repository->agentKeys(fixture.agent);
    ProblemLog log;
    const auto run = [&](const CancelToken& cancel) {
        const std::uint64_t before = source.filesOpened();
        RunProgress progress;
        WriteSession session(*fixture.repository, fixture.agent.id,
                             baseOf(request, fixture.scratch.path(), keys.repositoryId));
        try {
            runBackup(source, session, keys, fixture.repository->config().chunker, request,
                      {1, 2, fixture.scratch.path()}, fixture.clock, progress, log, cancel);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::cancelled);
        }
        return source.filesOpened() - before;
    };
    const auto cutAt = [&](int i) {
        CancelToken cancel;
        source.change(path(i), [&](MemoryEntry& entry) {
            entry.afterRead = [&](MemoryEntry&, std::uint64_t) { cancel.request(); };
        });
        const std::uint64_t opened = run(cancel);
        source.change(path(i), [](MemoryEntry& entry) { entry.afterRead = nullptr; });
        return opened;
    };
    EXPECT_EQ(cutAt(12), 13U);
    EXPECT_EQ(cutAt(15), 4U);
    EXPECT_EQ(run(CancelToken()), 5U);
    EXPECT_EQ(run(CancelToken()), 0U);
    const auto target = restored(loadSnapshots(*fixture.repository).back());
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(target->content(path(i).substr(6)),
                  noise(30'000, static_cast<std::uint32_t>(i + 10)));
    }
    EXPECT_EQ(log.count(), 0U);
}

// A note is for entries alone: it never stands for the folder.
TEST_F(Backup, ANoteOfAFolderIsNoTreeOfIt) {
    backup();
    const AgentKeys keys = fixture.repository->agentKeys(fixture.agent);
    BackupRequest request;
    request.paths = {"/data"};
    JournalFiles files(fixture.scratch.path(), request, keys.repositoryId);
    {
        JournalWriter journal(files.current(), keys.repositoryId);
        journal.add(JournalRecord::encode({"/data/sub"}, ChunkId{}, {}));
        journal.flush();
    }
    const std::uint64_t opened = source.filesOpened();
    const Snapshot snapshot = backup();
    EXPECT_EQ(source.filesOpened(), opened);
    EXPECT_EQ(restored(snapshot)->content("sub/c"), text("third"));
}

TEST_F(Backup, AFolderOverTheLimitIsCutIntoSegmentsThatStay) {
    source.addFolder("/data/many");
    for (int i = 0; i < 5000; ++i) {
        source.addFile("/data/many/n" + std::to_string(i), bytesOf(std::to_string(i)));
    }
    const Snapshot first = backup();
    const std::uint64_t opened = source.filesOpened();
    EXPECT_EQ(first.statistics.files, 5003U);
    source.addFile("/data/many/one more", bytesOf("more"));
    const Snapshot second = backup();
    EXPECT_EQ(source.filesOpened(), opened + 1);
    EXPECT_LT(second.statistics.newBytes, 600'000U);
    const auto target = restored(second);
    EXPECT_EQ(target->content("many/n4711"), text("4711"));
    EXPECT_EQ(target->content("many/one more"), text("more"));
    EXPECT_EQ(target->paths().size(), 5006U);
    EXPECT_EQ(fixture.node(second, "/data/many/n77").attributes.size, 2U);
}

TEST_F(Backup, AFolderThatGrowsOverAPowerOfTwoIsNotReadAgain) {
    source.addFolder("/data/many");
    for (int i = 0; i < 4096; ++i) {
        source.addFile("/data/many/n" + std::to_string(i), bytesOf(std::to_string(i)));
    }
    backup();
    const std::uint64_t opened = source.filesOpened();
    for (int i = 0; i < 10; ++i) {
        source.addFile("/data/many/m" + std::to_string(i), bytesOf("m"));
    }
    EXPECT_EQ(restored(backup())->paths().size(), 4111U);
    EXPECT_EQ(source.filesOpened(), opened + 10);
}

TEST_F(Backup, TreesDeeperThanAStack) {
    std::string path = "/data/deep";
    source.addFolder(path);
    for (int i = 0; i < 3000; ++i) source.addFolder(path += "/d");
    source.addFile(path + "/bottom", bytesOf("bottom"));
    const Snapshot snapshot = backup();
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(snapshot.statistics.folders, 3004U);
    EXPECT_EQ(restored(snapshot)->content(path.substr(6) + "/bottom"), text("bottom"));
}

TEST_F(Backup, LargeAttributesGoBesideTheNode) {
    const Bytes large = noise(60'000, 5);
    source.change("/data/a", [&](MemoryEntry& entry) {
        entry.details.xattrs = {{"user.large", large}, {"user.small", text("s")}};
    });
    const Snapshot snapshot = backup();
    const TreeNode node = fixture.node(snapshot, "/data/a");
    EXPECT_EQ(node.streams.size(), 1U);
    EXPECT_EQ(node.attributes.xattrs.size(), 1U);
    const auto xattrs = restored(snapshot)->attributes("a").xattrs;
    EXPECT_EQ(xattrs.size(), 2U);
    EXPECT_TRUE(std::ranges::find(xattrs, Xattr{"user.large", large}) != xattrs.end());
}

TEST_F(Backup, WithoutAConfirmedKitNothingIsBackedUp) {
    MemoryStore store;
    MemoryStore state;
    ScratchFolder scratch;
    const RepositoryPlace place{store, state, scratch.path(), fixture.clock};
    Repository::create(place);
    Repository repository(place, Repository::Access::write);
    repository.enrol(fixture.agent.id, fixture.agent.sign.verifyKey());
    EXPECT_THROW(WriteSession(repository, fixture.agent.id, {}), Error);
}

}  // namespace
}  // namespace coffer
