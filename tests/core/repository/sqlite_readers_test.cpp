#include "core/repository/sqlite_readers.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string_view>

#include "core/base/error.h"
#include "core/base/threads.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

/// Counts connections that are opened while it exists, and has some of what they do fail. One at a
/// time.
class Connections {
  public:
    Connections() {
        opened = 0;
        isRollbackRefused = false;
        sqlite3_auto_extension(entry());
    }
    ~Connections() { sqlite3_cancel_auto_extension(entry()); }
    Connections(const Connections&) = delete;
    Connections& operator=(const Connections&) = delete;

    static inline std::atomic<int> opened;
    static inline std::atomic<bool> isRollbackRefused;

  private:
    static void (*entry())() { return reinterpret_cast<void (*)()>(opening); }
    static int opening(sqlite3* connection, char**, const sqlite3_api_routines*) {
        ++opened;
        return sqlite3_set_authorizer(connection, authorise, nullptr);
    }
    static int authorise(void*, int action, const char* what, const char*, const char*,
                         const char*) {
        const bool isRollback =
            action == SQLITE_TRANSACTION && what == std::string_view("ROLLBACK");
        return isRollback && isRollbackRefused ? SQLITE_DENY : SQLITE_OK;
    }
};

/// Where those who read meet.
struct Meeting {
    int coming = 0;
    int inside = 0;
    int most = 0;
};

struct Readers : testing::Test {
    MemoryFolder folder;
    SqlDatabase database{folder / "some.db", false};
    Connections connections;
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
    EXPECT_EQ(Connections::opened, 1);
    meet(8, 8);
    EXPECT_EQ(Connections::opened, 8);
    meeting.with([](Meeting& it) { it = {}; });
    meet(8, 8);
    EXPECT_EQ(Connections::opened, 8 + 6);
}

TEST_F(Readers, InWhichSomethingFailedAreNotUsedAgain) {
    EXPECT_THROW(readers.read([&](SqlDatabase& db) -> std::int64_t {
        countIn(db);
        throw std::runtime_error("in the middle");
    }),
                 std::runtime_error);
    EXPECT_EQ(count(), 0);
    EXPECT_EQ(Connections::opened, 2);
}

// It would see that state for ever, and begin no other.
TEST_F(Readers, ThatStandInAnOldStateAreNotUsedAgain) {
    Connections::isRollbackRefused = true;
    EXPECT_EQ(count(), 0);
    Connections::isRollbackRefused = false;
    add();
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(Connections::opened, 2);
}

// Else there would soon be no turn left.
TEST_F(Readers, ThatCannotBeOpenedLeaveNothing) {
    const SqlReaders none(folder / "none.db");
    for (int i = 0; i < 20; ++i) {
        expectError(ErrorCode::notFound, [&] { none.read(countIn); });
    }
}

}  // namespace
}  // namespace coffer
