#include "management_server/database/server_database.h"

#include <gtest/gtest.h>

#include "management_server/database/columns.h"
#include "management_server/database/server_schema.h"
#include "tests/support/expect_error.h"
#include "tests/support/held_sync.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

struct Database : testing::Test {
    ScratchFolder folder;
    const std::string path = folder / "server.db";

    static std::int64_t numberFrom(ServerDatabase& database, const std::string& query) {
        return database.read([&](SqlDatabase& db) {
            SqlStatement row = db.prepare(query);
            return row.step() ? row.integer(0) : -1;
        });
    }

    static void addRepository(SqlDatabase& db, const std::string& name) {
        SqlStatement row = db.prepare("INSERT INTO repositories VALUES(?, ?)");
        bindText(row, 1, name);
        bindText(row, 2, "/somewhere");
        row.run();
    }
};

TEST_F(Database, IsMadeWithThePresentSchema) {
    ServerDatabase database(path);
    EXPECT_EQ(numberFrom(database, "PRAGMA user_version"), serverSchemaVersion);
    for (const char* table : {"users", "agents", "certificates", "tokens", "runs", "run_problems",
                              "events", "repositories"}) {
        EXPECT_EQ(numberFrom(database, std::string("SELECT count(*) FROM ") + table), 0) << table;
    }
}

TEST_F(Database, KeepsWhatWasCommitted) {
    {
        ServerDatabase database(path);
        database.change([](SqlDatabase& db) { addRepository(db, "main"); });
    }
    ServerDatabase database(path);
    EXPECT_EQ(numberFrom(database, "SELECT count(*) FROM repositories"), 1);
}

TEST_F(Database, UndoesWhatAnExceptionLeaves) {
    ServerDatabase database(path);
    expectError(ErrorCode::conflict, [&] {
        database.change([](SqlDatabase& db) {
            addRepository(db, "main");
            throw Error(ErrorCode::conflict, "no");
        });
    });
    EXPECT_EQ(numberFrom(database, "SELECT count(*) FROM repositories"), 0);
    // The next one is not disturbed by it.
    EXPECT_EQ(database.change([](SqlDatabase& db) {
        addRepository(db, "other");
        return 7;
    }),
              7);
    EXPECT_EQ(numberFrom(database, "SELECT count(*) FROM repositories"), 1);
}

TEST_F(Database, IsReadWhileAChangeIsBeingWritten) {
    HeldSync disk;
    ServerDatabase database(path);
    const auto count = [&] { return numberFrom(database, "SELECT count(*) FROM repositories"); };
    database.change([](SqlDatabase& db) { addRepository(db, "first"); });
    std::int64_t meanwhile = -1;
    EXPECT_TRUE(disk.holdDuring(
        [&] { database.change([](SqlDatabase& db) { addRepository(db, "second"); }); },
        [&] { meanwhile = count(); }));
    EXPECT_EQ(meanwhile, 1);
    EXPECT_EQ(count(), 2);
}

TEST_F(Database, IsNotChangedByWhoReads) {
    ServerDatabase database(path);
    expectError(ErrorCode::permissionDenied,
                [&] { database.read([](SqlDatabase& db) { addRepository(db, "main"); }); });
    EXPECT_EQ(numberFrom(database, "SELECT count(*) FROM repositories"), 0);
}

TEST_F(Database, WithoutRoomSaysSoAndKeepsWhatItHas) {
    ServerDatabase database(path);
    const auto setMost = [&](const std::string& pages) {
        database.readInTurn([&](SqlDatabase& db) {
            SqlStatement row = db.prepare("PRAGMA max_page_count=" + pages);
            row.step();
        });
    };
    setMost("1");  // as many as there are
    std::int64_t kept = 0;
    expectError(ErrorCode::noSpace, [&] {
        for (;; ++kept) {
            database.change([&](SqlDatabase& db) {
                addRepository(db, std::to_string(kept) + std::string(1'000, 'x'));
            });
        }
    });
    EXPECT_EQ(numberFrom(database, "SELECT count(*) FROM repositories"), kept);
    setMost("1000000");
    database.change([](SqlDatabase& db) { addRepository(db, "more"); });
    EXPECT_EQ(numberFrom(database, "SELECT count(*) FROM repositories"), kept + 1);
}

TEST_F(Database, RefusesTheSchemaOfANewerProgram) {
    {
        ServerDatabase database(path);
        database.change([](SqlDatabase& db) {
            db.execute("PRAGMA user_version=" + std::to_string(serverSchemaVersion + 1));
        });
    }
    expectError(
        ErrorCode::unsupported, [&] { ServerDatabase database(path); }, "newer");
}

TEST_F(Database, BringsAnEarlierSchemaUpToDate) {
    {
        SqlDatabase raw(path, false);
        raw.execute("PRAGMA user_version=0");
    }
    ServerDatabase database(path);
    EXPECT_EQ(numberFrom(database, "PRAGMA user_version"), serverSchemaVersion);
    EXPECT_EQ(numberFrom(database, "SELECT count(*) FROM users"), 0);
}

TEST_F(Database, RefusesWhatIsNoDatabase) {
    {
        SqlDatabase raw(path, false);
        raw.execute("PRAGMA user_version=-1");
    }
    expectError(ErrorCode::unsupported, [&] { ServerDatabase database(path); });
}

}  // namespace
}  // namespace coffer
