#include "core/repository/sqlite_readers.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string_view>

#include "core/base/error.h"
#include "core/base/guarded.h"
#include "core/base/threads.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

/// What was done by connections, and what they are to fail in.
struct Watch {
    int opened = 0;
    int refused = 0;
    bool isOpeningRefused = false;
    bool isRollbackRefused = false;
};

Guarded<Watch> watch;

int authorise(void*, int action, const char* what, const char*, const char*, const char*) {
    const bool isRollback = action == SQLITE_TRANSACTION && what == std::string_view("ROLLBACK");
    const bool isRefused = watch.with([](const Watch& it) { return it.isRollbackRefused; });
    return isRollback && isRefused ? SQLITE_DENY : SQLITE_OK;
}

int opening(sqlite3* connection, char**, const sqlite3_api_routines*) {
    const bool isRefused = watch.change([](Watch& it) {
        ++(it.isOpeningRefused ? it.refused : it.opened);
        return it.isOpeningRefused;
    });
    return isRefused ? SQLITE_ERROR : sqlite3_set_authorizer(connection, authorise, nullptr);
}

/// Watches connections that are opened while it exists. One at a time.
class Watched {
  public:
    Watched() {
        watch.with([](Watch& it) { it = {}; });
        sqlite3_auto_extension(entry());
    }
    ~Watched() { sqlite3_cancel_auto_extension(entry()); }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

  private:
    static void (*entry())() { return reinterpret_cast<void (*)()>(opening); }
};

int openedSoFar() {
    return watch.with([](const Watch& it) { return it.opened; });
}

void refuseOpening(bool isRefused) {
    watch.with([&](Watch& it) { it.isOpeningRefused = isRefused; });
}

void refuseRollback(bool isRefused) {
    watch.with([&](Watch& it) { it.isRollbackRefused = isRefused; });
}

/// Where those who read meet.
struct Meeting {
    int coming = 0;
    int inside = 0;
    int most = 0;
};

struct Readers : testing::Test {
    MemoryFolder folder;
    SqlDatabase database{folder / "some.db", false};
    Watched watched;
    const SqlReaders readers{folder / "some.db"};
    Guarded<Meeting> meeting;

    Readers() { database.execute("CREATE TABLE numbers(number INTEGER)"); }
    void add() { database.execute("INSERT INTO numbers VALUES(1)"); }
    static std::int64_t countIn(SqlDatabase& db) {
        return db.number("SELECT count(*) FROM numbers");
    }
    std::int64_t count() const { return readers.read(countIn); }

    // So many read at a time; who is inside leaves when all have come and `full` have been inside.
    void meet(int all, int full) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        ThreadScope threads;
        for (int i = 0; i < all; ++i) {
            threads.start([&, end] {
                meeting.change([](Meeting& it) { ++it.coming; });
                readers.read([&](SqlDatabase& db) {
                    EXPECT_EQ(countIn(db), 0);
                    meeting.change([](Meeting& it) { it.most = std::max(it.most, ++it.inside); });
                    meeting.whenOrAt(
                        end, [&](const Meeting& it) { return it.coming == all && it.most >= full; },
                        [](Meeting& it) { --it.inside; });
                });
            });
        }
        threads.join();
    }
};

TEST_F(Readers, SeeWhatIsCommittedAndNothingElse) {
    EXPECT_EQ(count(), 0);
    {
        SqlTransaction transaction(database);
        add();
        EXPECT_EQ(count(), 0);
        transaction.commit();
    }
    EXPECT_EQ(count(), 1);
    {
        const SqlTransaction undone(database);
        add();
    }
    EXPECT_EQ(count(), 1);
}

TEST_F(Readers, SeeOneStateAllAlong) {
    readers.read([&](SqlDatabase& db) {
        EXPECT_EQ(countIn(db), 0);
        add();
        EXPECT_EQ(countIn(db), 0);
        EXPECT_EQ(countIn(database), 1);
    });
    EXPECT_EQ(count(), 1);
}

TEST_F(Readers, ChangeNothing) {
    expectError(ErrorCode::permissionDenied, [&] {
        readers.read([](SqlDatabase& db) { db.execute("INSERT INTO numbers VALUES(1)"); });
    });
    EXPECT_EQ(count(), 0);
}

TEST_F(Readers, AreEightAtATime) {
    meet(20, 8);
    EXPECT_EQ(meeting.with([](const Meeting& it) { return it.most; }), 8);
}

TEST_F(Readers, AreUsedAgainAndClosedWhereThereWereMany) {
    count();
    count();
    EXPECT_EQ(openedSoFar(), 1);
    meet(8, 8);
    EXPECT_EQ(openedSoFar(), 8);
    meeting.with([](Meeting& it) { it = {}; });
    meet(8, 8);
    EXPECT_EQ(openedSoFar(), 8 + 6);
}

TEST_F(Readers, InWhichSomethingFailedAreNotUsedAgain) {
    EXPECT_THROW(readers.read([&](SqlDatabase& db) -> std::int64_t {
        countIn(db);
        throw std::runtime_error("in the middle");
    }),
                 std::runtime_error);
    EXPECT_EQ(count(), 0);
    EXPECT_EQ(openedSoFar(), 2);
}

// It would see that state for ever, and begin no other.
TEST_F(Readers, ThatStandInAnOldStateAreNotUsedAgain) {
    refuseRollback(true);
    EXPECT_EQ(count(), 0);
    refuseRollback(false);
    add();
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(openedSoFar(), 2);
}

// As when the program may open no more files.
TEST_F(Readers, WaitForOneOfTheOthersWhereNoMoreCanBeOpened) {
    ThreadScope threads;
    std::atomic<std::int64_t> second = -1;
    readers.read([&](SqlDatabase& db) {
        EXPECT_EQ(countIn(db), 0);
        add();
        refuseOpening(true);
        threads.start([&] { second = count(); });
        watch.when([](const Watch& it) { return it.refused > 0; }, [](const Watch&) {});
    });
    threads.join();
    EXPECT_EQ(second, 1);
    EXPECT_EQ(openedSoFar(), 1);
}

// Else there would soon be no turn left.
TEST_F(Readers, ThatCannotBeOpenedLeaveNothing) {
    refuseOpening(true);
    for (int i = 0; i < 20; ++i) expectError(ErrorCode::internal, [&] { count(); });
    refuseOpening(false);
    EXPECT_EQ(count(), 0);
}

// What is read there is another database, and one that is gone no answer.
TEST_F(Readers, AreNotThoseOfAFileThatHasTakenThePlace) {
    const std::string path = folder / "some.db";
    std::filesystem::rename(path, folder / "aside.db");
    expectError(
        ErrorCode::conflict, [&] { count(); }, "some.db was removed or replaced");
    makeDatabaseFile(path);
    expectError(
        ErrorCode::conflict, [&] { count(); }, "some.db was removed or replaced");
    std::filesystem::rename(folder / "aside.db", path);
    EXPECT_EQ(count(), 0);
}

}  // namespace
}  // namespace coffer
