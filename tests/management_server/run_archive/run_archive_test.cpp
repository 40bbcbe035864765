#include "management_server/run_archive/run_archive.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "core/repository/run_object.h"
#include "management_server/runs/run_table.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

class RunArchiveTest : public testing::Test {
  protected:
    RunArchiveTest() {
        fs::create_directory(folder / "server");
        begin("server.db");
        repositories->create("main", folder / "main");
    }

    // A server with that database.
    void begin(const std::string& file) {
        archive.reset();
        repositories.reset();
        databasePath = folder / file;
        database.emplace(databasePath);
        repositories.emplace(*database, *disk, folder / "server", clock);
        repositories->enterForgotten();
        restart();
    }
    void restart() {
        archive.emplace(RunArchive::Parts{*database, *repositories, clock, 3, databasePath});
    }

    // A run that has ended, with so many entries in its log.
    std::int64_t run(int entries = 2, const std::string& repository = "main") {
        clock.advance(1'000);
        return database->change([&](SqlDatabase& db) {
            RunRecord record;
            record.kind = run_kind::backup;
            record.agent = "laptop";
            record.repository = repository;
            record.user = "ann";
            record.ordered = clock.now();
            record.number = RunTable(db).insert(record);
            RunLogTable log(db);
            for (int i = 0; i < entries; ++i) {
                log.add({0, record.number, clock.now(), i % 2 ? LogLevel::error : LogLevel::info,
                         "code", "/a/" + std::to_string(i), "entry " + std::to_string(i)});
            }
            endRun(db, record.number);
            return record.number;
        });
    }

    void endRun(SqlDatabase& db, std::int64_t number) const {
        db.execute("UPDATE runs SET state=CAST('succeeded' AS BLOB), ended=" +
                   std::to_string(clock.now().seconds * 1'000'000'000) +
                   " WHERE number=" + std::to_string(number));
    }

    std::vector<std::uint64_t> kept() { return keptRuns(repositories->open("main")->store()); }

    MemoryFolder folder;
    ManualClock clock{1'700'000'000};
    std::unique_ptr<Disk> disk = makeSystemDisk();
    std::string databasePath;
    std::optional<ServerDatabase> database;
    std::optional<ServerRepositories> repositories;
    std::optional<RunArchive> archive;
};

TEST_F(RunArchiveTest, ALogOutlivesTheDatabase) {
    const std::int64_t number = run(4);
    archive->round();
    begin("another.db");
    const RunLogPage page = archive->logOf(number, {}, 0, 100);
    ASSERT_EQ(page.entries.size(), 5U);
    EXPECT_EQ(page.entries[0].code, "run-kept");
    EXPECT_NE(page.entries[0].message.find("backup"), std::string::npos);
    EXPECT_EQ(page.entries[4].message, "entry 3");
    EXPECT_EQ(page.entries[4].where, "/a/3");
    EXPECT_EQ(page.entries[4].level, LogLevel::error);
    EXPECT_EQ(page.entries[4].run, number);
    EXPECT_FALSE(page.more);
    expectError(ErrorCode::notFound, [&] { archive->logOf(number + 1, {}, 0, 100); });
    expectError(ErrorCode::notFound, [&] { archive->logOf(-1, {}, 0, 100); });
}

TEST_F(RunArchiveTest, IsReadPageByPageAndFiltered) {
    const std::int64_t number = run(10);
    archive->round();
    RunLogPage page = archive->logOf(number, {}, 0, 4);
    EXPECT_EQ(page.entries.size(), 4U);
    EXPECT_TRUE(page.more);
    page = archive->logOf(number, {}, page.position, 100);
    EXPECT_EQ(page.entries.size(), 7U);
    EXPECT_FALSE(page.more);
    RunLogFilter errors;
    errors.least = LogLevel::error;
    EXPECT_EQ(archive->logOf(number, errors, 0, 100).entries.size(), 5U);
    expectError(ErrorCode::invalidArgument, [&] { archive->logOf(number, {}, 0, 0); });
}

TEST_F(RunArchiveTest, KeepsTheEndOfALongLog) {
    const std::int64_t number = run(21'005);
    archive->round();
    const std::string summary = archive->logOf(number, {}, 0, 1).entries.at(0).message;
    EXPECT_NE(summary.find("; 1005 entries are not kept"), std::string::npos) << summary;
    const RunLogPage last = archive->logOf(number, {}, 20'000, 10);
    ASSERT_EQ(last.entries.size(), 1U);
    EXPECT_EQ(last.entries[0].message, "entry 21004");
    EXPECT_FALSE(last.more);
}

TEST_F(RunArchiveTest, KeepsTheNewest) {
    for (int i = 0; i < 5; ++i) run();
    archive->round();
    EXPECT_EQ(kept(), (std::vector<std::uint64_t>{3, 4, 5}));
    run();
    archive->round();
    EXPECT_EQ(kept(), (std::vector<std::uint64_t>{4, 5, 6}));
}

TEST_F(RunArchiveTest, WritesAgainWhatEndedAgain) {
    const std::int64_t number = run();
    archive->round();
    clock.advance(10);
    database->change([&](SqlDatabase& db) {
        RunLogTable(db).add({0, number, clock.now(), LogLevel::info, "code", "", "resumed"});
        endRun(db, number);
    });
    archive->round();
    EXPECT_EQ(archive->logOf(number, {}, 0, 100).entries.back().message, "resumed");
}

TEST_F(RunArchiveTest, WritesWhatACrashCameBefore) {
    run();
    const std::int64_t number = run();
    restart();
    archive->round();
    EXPECT_EQ(kept().size(), 2U);
    EXPECT_EQ(archive->logOf(number, {}, 0, 100).entries.size(), 3U);
}

TEST_F(RunArchiveTest, NumbersOfAFormerServerAreNotGivenAgain) {
    for (int i = 0; i < 3; ++i) run();
    archive->round();
    // Whoever may write to the folder cannot use the numbers up.
    LocalStore(*disk, folder / "main").put(runObjectName(1ULL << 61), Bytes{1});
    begin("another.db");
    archive->round();
    EXPECT_EQ(run(), 4);
    archive->round();
    EXPECT_EQ(archive->logOf(3, {}, 0, 100).entries.size(), 3U);
}

TEST_F(RunArchiveTest, ALogOfAFormerServerIsNotReplaced) {
    run(5);
    archive->round();
    begin("another.db");
    EXPECT_EQ(run(1), 1);  // before anybody looked
    archive->round();
    begin("yet another.db");
    EXPECT_EQ(archive->logOf(1, {}, 0, 100).entries.size(), 6U);
}

TEST_F(RunArchiveTest, ARepositoryThatIsAwayHoldsUpNoOther) {
    repositories->create("away", folder / "away");
    fs::rename(folder / "away", folder / "elsewhere");
    run(2, "away");
    const std::int64_t number = run();
    archive->round();
    EXPECT_EQ(kept().size(), 1U);
    fs::rename(folder / "elsewhere", folder / "away");
    archive->round();
    EXPECT_EQ(archive->logOf(number - 1, {}, 0, 100).entries.size(), 3U);
}

TEST_F(RunArchiveTest, ARepositoryThatIsAwayHidesNoLog) {
    const std::int64_t number = run();
    archive->round();
    repositories->create("away", folder / "away");  // is asked first
    fs::rename(folder / "away", folder / "elsewhere");
    EXPECT_EQ(archive->logOf(number, {}, 0, 100).entries.size(), 3U);
    // It may have what the others do not.
    expectError(
        ErrorCode::notFound, [&] { archive->logOf(number + 1, {}, 0, 100); }, "repository away");
}

TEST_F(RunArchiveTest, ADamagedLogHidesNoOther) {
    const std::int64_t number = run();
    archive->round();
    repositories->create("another", folder / "another");  // is asked first
    LocalStore(*disk, folder / "another")
        .put(runObjectName(static_cast<std::uint64_t>(number)), Bytes{1});
    EXPECT_EQ(archive->logOf(number, {}, 0, 100).entries.size(), 3U);
}

TEST_F(RunArchiveTest, StopsThoughTheDatabaseCannotBeRead) {
    database->change([](SqlDatabase& db) { db.execute("DROP TABLE repositories"); });
    archive->start();
    EXPECT_NO_THROW(archive->stop());
}

TEST(KeptRun, ComesBackAndIsBounded) {
    KeptRun run{{1, 2}, {3, 4}, "a backup", 0, {}};
    for (std::uint64_t i = 1; i <= 30; ++i) {
        run.entries.push_back(
            {i, 7, {5, 6}, LogLevel::warning, "code", std::string(60'000, 'p'), std::to_string(i)});
    }
    const Bytes octets = encodeKeptRun(run);
    EXPECT_LE(octets.size(), runLimit);
    const KeptRun back = decodeKeptRun(octets, 7);
    EXPECT_EQ(back.ordered, run.ordered);
    EXPECT_EQ(back.ended, run.ended);
    EXPECT_EQ(back.summary, run.summary);
    EXPECT_EQ(back.entries.size() + back.leftOut, 30U);
    EXPECT_GT(back.entries.size(), 10U);
    EXPECT_EQ(back.entries.back().message, "30");  // the newest
    for (std::size_t size = 0; size < 200; ++size) {
        EXPECT_TRUE(errorOf([&] { decodeKeptRun(ByteView(octets).first(size), 7); }));
    }
}

}  // namespace
}  // namespace coffer
