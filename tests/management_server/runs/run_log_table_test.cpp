#include "management_server/runs/run_log_table.h"

#include <gtest/gtest.h>

#include "management_server/database/server_database.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

struct RunLogTableTest : testing::Test {
    MemoryFolder folder;
    SqlDatabase database = opened();
    RunLogTable table{database};

    SqlDatabase opened() {
        ServerDatabase(folder / "server.db");  // makes the tables
        return SqlDatabase(folder / "server.db", false);
    }
    void add(std::int64_t run, const std::string& message, LogLevel level = LogLevel::info,
             const std::string& code = "run-started", const std::string& where = {},
             std::int64_t seconds = 1'000) {
        table.add({.run = run,
                   .time = {seconds, 0},
                   .level = level,
                   .code = code,
                   .where = where,
                   .message = message});
    }
    std::string messages(std::int64_t run, const RunLogFilter& filter = {}) {
        std::string text;
        for (const RunLogEntry& entry : table.read(run, filter, 0, 1'000).entries) {
            text += entry.message + " ";
        }
        return text;
    }
};

TEST_F(RunLogTableTest, KeepsAllOfAnEntry) {
    table.add({.run = 7,
               .time = {1'000, 5},
               .level = LogLevel::warning,
               .code = "io-error",
               .where = "/a\n\xff",
               .message = "x\ny"});
    const auto page = table.read(7, {}, 0, 10);
    ASSERT_EQ(page.entries.size(), 1U);
    const RunLogEntry& entry = page.entries[0];
    EXPECT_EQ(entry.run, 7);
    EXPECT_EQ(entry.time, (Timestamp{1'000, 5}));
    EXPECT_EQ(entry.level, LogLevel::warning);
    EXPECT_EQ(entry.code, "io-error");
    EXPECT_EQ(entry.where, "/a\n\xff");
    EXPECT_EQ(entry.message, "x\\x0ay");
    EXPECT_FALSE(page.more);
    EXPECT_EQ(page.position, entry.number);
}

TEST_F(RunLogTableTest, IsFiltered) {
    add(1, "a");
    add(2, "other");
    add(1, "b", LogLevel::warning, "io-error", "/home/ann");
    add(1, "c", LogLevel::error, "run-ended", "/home");
    add(1, "d", LogLevel::warning, "corrupt", "/homes");
    EXPECT_EQ(messages(1), "a b c d ");
    EXPECT_EQ(messages(1, {.least = LogLevel::warning}), "b c d ");
    EXPECT_EQ(messages(1, {.least = LogLevel::error}), "c ");
    EXPECT_EQ(messages(1, {.codes = {"corrupt", "run-started"}}), "a d ");
    EXPECT_EQ(messages(1, {.below = "/home"}), "b c ");
    EXPECT_EQ(messages(1, {.below = "/"}), "b c d ");
    EXPECT_EQ(messages(1, {.text = "d"}), "d ");
    EXPECT_EQ(messages(3), "");
}

TEST_F(RunLogTableTest, ComesInPages) {
    for (int i = 0; i < 25; ++i) {
        add(1, std::to_string(i));
        add(2, "other");
    }
    std::string text;
    RunLogPage page;
    do {
        page = table.read(1, {}, page.position, 10);
        text += std::to_string(page.entries.size()) + " ";
    } while (page.more);
    EXPECT_EQ(text, "10 10 5 ");
    expectError(ErrorCode::invalidArgument, [&] { table.read(1, {}, 0, 0); });
    expectError(ErrorCode::invalidArgument, [&] { table.read(1, {}, 0, 1'001); });
}

TEST_F(RunLogTableTest, LongEntriesMakeShortPages) {
    for (int i = 0; i < 200; ++i) {
        add(1, "m", LogLevel::info, "c", "/" + std::string(100'000, 'a'));
    }
    const auto page = table.read(1, {}, 0, 1'000);
    EXPECT_TRUE(page.more);
    EXPECT_LT(page.entries.size(), 70U);
    EXPECT_EQ(page.entries[0].where.size(), 65'536U);
}

TEST_F(RunLogTableTest, IsRotatedByCountAndAge) {
    for (int i = 0; i < 10; ++i) add(1, std::to_string(i), LogLevel::info, "c", {}, 1'000 + i);
    table.prune(100, {0, 0});
    EXPECT_EQ(messages(1), "0 1 2 3 4 5 6 7 8 9 ");
    table.prune(7, {0, 0});
    EXPECT_EQ(messages(1), "3 4 5 6 7 8 9 ");
    table.prune(100, {1'006, 0});
    EXPECT_EQ(messages(1), "6 7 8 9 ");
    table.prune(100, {2'000, 0});
    EXPECT_EQ(messages(1), "");
    table.prune(100, {2'000, 0});
}

TEST_F(RunLogTableTest, FiltersAreBounded) {
    RunLogFilter filter;
    filter.codes.resize(101);
    expectError(ErrorCode::limitExceeded, [&] { filter.check(); });
    filter = {.text = std::string(2'001, 'a')};
    expectError(ErrorCode::invalidArgument, [&] { filter.check(); });
    filter = {.below = std::string(65'537, 'a')};
    expectError(ErrorCode::invalidArgument, [&] { filter.check(); });
}

}  // namespace
}  // namespace coffer
