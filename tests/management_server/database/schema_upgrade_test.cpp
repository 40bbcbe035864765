#include "management_server/database/schema_upgrade.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "management_server/database/columns.h"
#include "management_server/database/server_database.h"
#include "management_server/database/server_schema.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t plenty = 1ULL << 40;

struct SchemaUpgrade : testing::Test {
    // A database of an older program, with a repository in it.
    void makeOld(int version) const {
        SqlDatabase old(path, true);
        migrateServerSchema(old, version);
        old.execute("INSERT INTO repositories(name, folder) VALUES(x'6d61696e', x'2f62')");
    }

    static std::int64_t numberFrom(SqlDatabase& database, const std::string& query) {
        SqlStatement row = database.prepare(query);
        return row.step() ? row.integer(0) : -1;
    }

    std::string copy(int version) const { return path + ".before-" + std::to_string(version); }

    MemoryFolder folder;
    const std::string path = folder / "server.db";
};

TEST_F(SchemaUpgrade, BringsEverySchemaOfBeforeUpToDate) {
    for (int version = 1; version < serverSchemaVersion; ++version) {
        fs::remove(path);
        makeOld(version);
        {
            const ServerDatabase database(path);
            EXPECT_EQ(database.read([](SqlDatabase& db) { return serverSchemaOf(db); }),
                      serverSchemaVersion);
        }
        SqlDatabase after(path, true);
        EXPECT_EQ(numberFrom(after, "SELECT count(*) FROM repositories"), 1) << version;
        EXPECT_EQ(numberFrom(after, "SELECT count(*) FROM tasks"), 0) << version;
        SqlDatabase before(copy(version + 1), true);
        EXPECT_EQ(serverSchemaOf(before), version);
        EXPECT_EQ(numberFrom(before, "SELECT count(*) FROM repositories"), 1);
        EXPECT_EQ(fs::status(copy(version + 1)).permissions(),
                  fs::perms::owner_read | fs::perms::owner_write);
    }
}

TEST_F(SchemaUpgrade, KeepsTheLastThreeCopies) {
    for (const int number : {1, 2, 3}) std::ofstream(copy(number)) << "x";
    std::ofstream(path + ".before-2x") << "x";
    makeOld(serverSchemaVersion - 1);
    const ServerDatabase database(path);
    EXPECT_FALSE(fs::exists(copy(1)));
    EXPECT_TRUE(fs::exists(copy(2)));
    EXPECT_TRUE(fs::exists(copy(3)));
    EXPECT_TRUE(fs::exists(copy(serverSchemaVersion)));
    EXPECT_TRUE(fs::exists(path + ".before-2x"));  // not ours
}

TEST_F(SchemaUpgrade, CopiesNothingThatNeedsNoStep) {
    { const ServerDatabase fresh(path); }
    { const ServerDatabase again(path); }
    for (const auto& entry : fs::directory_iterator(folder.path())) {
        EXPECT_EQ(entry.path().filename().string().find("before"), std::string::npos);
    }
}

TEST_F(SchemaUpgrade, ChangesNothingWithoutRoomForTheCopy) {
    makeOld(1);
    SqlDatabase database(path, true);
    expectError(
        ErrorCode::noSpace, [&] { upgradeServerSchema(database, path, 1 << 20); },
        "Nothing was changed");
    EXPECT_EQ(serverSchemaOf(database), 1);
    EXPECT_FALSE(fs::exists(copy(2)));
    upgradeServerSchema(database, path, plenty);
    EXPECT_EQ(serverSchemaOf(database), serverSchemaVersion);
}

TEST_F(SchemaUpgrade, ThatFailsLeavesAllAsItWas) {
    makeOld(1);
    SqlDatabase database(path, true);
    // In the way of a later step.
    database.execute("CREATE TABLE tasks(x INTEGER)");
    EXPECT_THROW(upgradeServerSchema(database, path, plenty), Error);
    EXPECT_EQ(serverSchemaOf(database), 1);
    EXPECT_EQ(numberFrom(database, "SELECT count(*) FROM sqlite_schema WHERE name='user_groups'"),
              0);
    EXPECT_TRUE(fs::exists(copy(2)));
}

TEST_F(SchemaUpgrade, RefusesANewerOneAndNamesBoth) {
    { const ServerDatabase fresh(path); }
    SqlDatabase database(path, true);
    database.execute("PRAGMA user_version=" + std::to_string(serverSchemaVersion + 3));
    const auto error = errorOf([&] { upgradeServerSchema(database, path, plenty); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::unsupported);
    const std::string text = error->what();
    EXPECT_NE(text.find("schema " + std::to_string(serverSchemaVersion + 3)), std::string::npos);
    EXPECT_NE(text.find("up to " + std::to_string(serverSchemaVersion)), std::string::npos);
    EXPECT_NE(text.find("before-" + std::to_string(serverSchemaVersion + 1)), std::string::npos);
}

TEST_F(SchemaUpgrade, ACopyReplacesOneThatWasCutShort) {
    makeOld(1);
    std::ofstream(copy(2)) << "half";
    std::ofstream(copy(2) + ".new") << "half";
    { const ServerDatabase database(path); }
    SqlDatabase before(copy(2), true);
    EXPECT_EQ(serverSchemaOf(before), 1);
    EXPECT_FALSE(fs::exists(copy(2) + ".new"));
}

}  // namespace
}  // namespace coffer
