#include "core/repository/sqlite_readers.h"

#include <gtest/gtest.h>

#include <atomic>

#include "core/base/error.h"
#include "core/base/threads.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

struct Readers : testing::Test {
    MemoryFolder folder;
    SqlDatabase database{folder / "some.db", false};
    const SqlReaders readers{folder / "some.db"};

    Readers() { database.execute("CREATE TABLE numbers(number INTEGER)"); }
    void add() { database.execute("INSERT INTO numbers VALUES(1)"); }
    static std::int64_t countIn(SqlDatabase& db) {
        return db.number("SELECT count(*) FROM numbers");
    }
    std::int64_t count() const { return readers.read(countIn); }
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

TEST_F(Readers, WaitForEachOtherWhereThereAreMany) {
    std::atomic<int> asked = 0;
    ThreadScope threads;
    for (int i = 0; i < 20; ++i) {
        threads.start([&] {
            for (int round = 0; round < 20; ++round) asked += count() == 0 ? 1 : 0;
        });
    }
    threads.join();
    EXPECT_EQ(asked, 400);
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
