#include "management_server/runs/run_table.h"

#include <gtest/gtest.h>

#include "core/base/clock.h"
#include "management_server/database/server_database.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

struct Table : testing::Test {
    MemoryFolder folder;
    SqlDatabase database = opened();
    RunTable table{database};

    SqlDatabase opened() {
        ServerDatabase(folder / "server.db");  // makes the tables
        return SqlDatabase(folder / "server.db", false);
    }
    std::int64_t insert(const std::string& agent, RunState state, const char* kind = "backup") {
        RunRecord run;
        run.kind = kind;
        run.agent = agent;
        run.stand.state = state;
        return table.insert(run);
    }
    std::vector<std::int64_t> numbers(const std::vector<RunRecord>& runs) {
        std::vector<std::int64_t> all;
        for (const RunRecord& run : runs) all.push_back(run.number);
        return all;
    }
    using Numbers = std::vector<std::int64_t>;
};

TEST_F(Table, SynchronisationsGoWithTheNamesOfTheirAgents) {
    RunRecord run;
    run.kind = run_kind::synchronise;
    run.what = {"laptop:/a"};
    run.target = "nas:/laptop:/b";
    run.stand.state = RunState::parked;
    run.number = table.insert(run);
    expectError(ErrorCode::conflict, [&] { table.renameAgent("laptop", "desk"); });
    expectError(ErrorCode::conflict, [&] { table.renameAgent("nas", "store"); });
    table.renameAgent("lap", "desk");
    run.stand.state = RunState::succeeded;
    table.update(run);
    table.renameAgent("laptop", "desk");
    EXPECT_EQ(table.find(run.number)->what, (std::vector<std::string>{"desk:/a"}));
    EXPECT_EQ(table.find(run.number)->target, "nas:/laptop:/b");
    table.renameAgent("nas", "store");
    EXPECT_EQ(table.find(run.number)->target, "store:/laptop:/b");
}

TEST_F(Table, KeepsAllOfARun) {
    RunRecord run;
    run.kind = "restore";
    run.agent = "laptop";
    run.repository = "main";
    run.message = "waits";
    run.ordered = {1'700'000'000, 123'456'789};
    run.user = "ann";
    run.snapshot = "00112233445566778899aabbccddeeff";
    run.what = {"/home/\xff\xfe", std::string("/a\nb")};
    run.target = "/tmp/\x80";
    run.patterns = {"*.o", ""};
    run.options = {{"overwrite", "never"}};
    run.priority = -100;
    run.window = "mon 08:00-09:00";
    run.zone = "Europe/Berlin";
    run.number = table.insert(run);
    RunRecord found = table.find(run.number).value();
    EXPECT_EQ(found.kind, run.kind);
    EXPECT_EQ(found.agent, run.agent);
    EXPECT_EQ(found.repository, run.repository);
    EXPECT_EQ(found.stand, run.stand);
    EXPECT_EQ(found.message, run.message);
    EXPECT_EQ(found.ordered, run.ordered);
    EXPECT_FALSE(found.started);
    EXPECT_FALSE(found.ended);
    EXPECT_EQ(found.user, run.user);
    EXPECT_EQ(found.snapshot, run.snapshot);
    EXPECT_EQ(found.what, run.what);
    EXPECT_EQ(found.target, run.target);
    EXPECT_EQ(found.patterns, run.patterns);
    EXPECT_EQ(found.options, run.options);
    EXPECT_EQ(found.problems, 0U);

    EXPECT_EQ(found.priority, run.priority);
    EXPECT_EQ(found.window, run.window);
    EXPECT_EQ(found.zone, run.zone);

    found.stand = {RunState::parked, 7, false, true, RunHold::window, 2};
    found.priority = 100;
    found.window = "sat 00:00-24:00";
    found.zone = "";
    found.heldAt = Timestamp{1'700'000'003, 9};
    found.heldSeconds = 77;
    found.phase = "x";
    found.message = "done";
    found.started = Timestamp{1'700'000'001, 0};
    found.ended = Timestamp{1'700'000'002, 5};
    found.counts = {{"files", "5"}};
    found.problems = 12;
    table.update(found);
    const RunRecord changed = table.find(run.number).value();
    EXPECT_EQ(changed.stand, found.stand);
    EXPECT_EQ(changed.phase, "x");
    EXPECT_EQ(changed.message, "done");
    EXPECT_EQ(changed.priority, 100);
    EXPECT_EQ(changed.window, "sat 00:00-24:00");
    EXPECT_EQ(changed.zone, "");
    EXPECT_EQ(changed.heldAt, found.heldAt);
    EXPECT_EQ(changed.heldSeconds, 77);
    EXPECT_EQ(changed.started, found.started);
    EXPECT_EQ(changed.ended, found.ended);
    EXPECT_EQ(changed.counts, found.counts);
    EXPECT_EQ(changed.problems, 12U);
    EXPECT_EQ(changed.what, run.what);
    EXPECT_FALSE(table.find(99));
}

TEST_F(Table, TellsHowTheBackupsOfASourceEnded) {
    const auto end = [&](const char* path, RunState state, std::int64_t ended,
                         const char* repository = "main", const char* kind = "backup") {
        RunRecord run;
        run.kind = kind;
        run.agent = "laptop";
        run.repository = repository;
        run.what = {path};
        run.number = table.insert(run);
        run.stand.state = state;
        run.ended = Timestamp{ended, 0};
        table.update(run);
    };
    end("/a", RunState::succeeded, 100);
    end("/a", RunState::failed, 200);
    end("/a", RunState::warnings, 300);
    end("/a", RunState::cancelled, 400);
    end("/a", RunState::failed, 500, "other");
    end("/a", RunState::failed, 600, "main", "restore");
    end("/b", RunState::failed, 700);
    RunRecord running;
    running.kind = "backup";
    running.agent = "laptop";
    running.repository = "main";
    running.what = {"/c"};
    table.insert(running);
    std::map<std::string, BackupHistory> found;
    for (const BackupHistory& each : table.backupHistories("main")) {
        EXPECT_EQ(each.agent, "laptop");
        found[each.what.at(0)] = each;
    }
    EXPECT_EQ(found["/a"].lastSuccess, (Timestamp{300, 0}));
    EXPECT_EQ(found["/a"].lastFailure, (Timestamp{200, 0}));
    EXPECT_FALSE(found["/b"].lastSuccess);
    EXPECT_EQ(found["/b"].lastFailure, (Timestamp{700, 0}));
    EXPECT_FALSE(found["/c"].lastSuccess);
    EXPECT_FALSE(found["/c"].lastFailure);
}

TEST_F(Table, SaysNothingOfTheBackupsOfARepositoryThatIsGone) {
    RunRecord run;
    run.kind = "backup";
    run.repository = "main";
    run.what = {"/a"};
    const auto insert = [&] { table.insert(run); };
    insert();
    EXPECT_EQ(table.backupHistories("main").size(), 1U);
    database.execute(
        "INSERT INTO repositories_gone SELECT CAST('main' AS BLOB), max(number) FROM runs");
    EXPECT_TRUE(table.backupHistories("main").empty());
    insert();  // in the next one of its name
    EXPECT_EQ(table.backupHistories("main").size(), 1U);
}

TEST_F(Table, KnowsWhatUsesARemovedRepository) {
    RunRecord run;
    run.kind = "backup";
    run.repository = "main";
    EXPECT_FALSE(table.usesRemoved(run));
    database.execute("INSERT INTO removals VALUES(CAST('main' AS BLOB), 0, 0, x'', 0, 0)");
    EXPECT_TRUE(table.usesRemoved(run));
    run.repository = "other";
    run.target = "main";
    EXPECT_FALSE(table.usesRemoved(run));
    run.kind = run_kind::copy;
    EXPECT_TRUE(table.usesRemoved(run));
}

TEST_F(Table, RemembersThatARunIsToStop) {
    const std::int64_t number = insert("laptop", RunState::queued);
    RunRecord run = table.find(number).value();
    run.stand = {RunState::running, 1, true, false};
    run.phase = "running";
    table.update(run);
    EXPECT_TRUE(table.find(number)->stand.cancelling);
    table.updateProgress(number, 1, "finishing", {{"files", "9"}});
    EXPECT_TRUE(table.find(number)->stand.cancelling);
    EXPECT_EQ(table.find(number)->counts.at("files"), "9");
}

TEST_F(Table, KeepsProgressOfTheRunningAttemptAlone) {
    const std::int64_t number = insert("laptop", RunState::running);
    RunRecord run = table.find(number).value();
    run.stand.attempt = 2;
    table.update(run);
    table.updateProgress(number, 1, "old", {});
    EXPECT_EQ(table.find(number)->phase, "");
    table.updateProgress(number, 2, "new", {});
    EXPECT_EQ(table.find(number)->phase, "new");
    run.stand.state = RunState::parked;
    table.update(run);
    table.updateProgress(number, 2, "newer", {});
    EXPECT_EQ(table.find(number)->phase, "");
}

TEST_F(Table, FindsWhatHasNotEnded) {
    insert("laptop", RunState::waiting);
    insert("laptop", RunState::succeeded);
    insert("desktop", RunState::running);
    insert("laptop", RunState::parked);
    insert("", RunState::running, "verify");
    insert("laptop", RunState::failed);
    EXPECT_EQ(numbers(table.active()), (Numbers{1, 3, 4, 5}));
    EXPECT_EQ(numbers(table.active("laptop")), (Numbers{1, 4}));
    EXPECT_EQ(numbers(table.active("")), Numbers{5});
    EXPECT_EQ(table.countActive(), 4U);
    EXPECT_EQ(table.countActive("laptop"), 2U);
    EXPECT_EQ(table.countActive("phone"), 0U);
}

TEST_F(Table, ListsTheNewestFirst) {
    for (int i = 0; i < 5; ++i) insert("laptop", RunState::failed);
    EXPECT_EQ(numbers(table.newest(100, 3)), (Numbers{5, 4, 3}));
    EXPECT_EQ(numbers(table.newest(3, 3)), (Numbers{2, 1}));
    EXPECT_TRUE(table.newest(1, 3).empty());
}

TEST_F(Table, ReplacesProblems) {
    const std::int64_t run = insert("laptop", RunState::running);
    const std::vector<RunProblemRecord> problems = {{"/\xff", "io-error", "x"}, {"", "", ""}};
    table.setProblems(run, problems);
    EXPECT_EQ(table.problems(run), problems);
    table.setProblems(run, {{"/b", "corrupt", "y"}});
    EXPECT_EQ(table.problems(run).size(), 1U);
    table.setProblems(run, {});
    EXPECT_TRUE(table.problems(run).empty());
}

TEST_F(Table, PrunesWhatHasEnded) {
    insert("laptop", RunState::parked);
    for (int i = 0; i < 5; ++i) {
        table.setProblems(insert("laptop", RunState::failed), {{"/b", "corrupt", "y"}});
    }
    table.prune(10);
    EXPECT_EQ(table.newest(100, 100).size(), 6U);
    table.prune(2);
    EXPECT_EQ(numbers(table.newest(100, 100)), (Numbers{6, 5, 1}));
    EXPECT_TRUE(table.problems(4).empty());
    EXPECT_EQ(table.problems(5).size(), 1U);
}

TEST_F(Table, RefusesWhatDoesNotParse) {
    const std::int64_t number = insert("laptop", RunState::queued);
    database.execute("UPDATE runs SET state=CAST('lost' AS BLOB)");
    expectError(ErrorCode::corrupt, [&] { table.find(number); });
    database.execute("UPDATE runs SET state=CAST('queued' AS BLOB),attempt=-1");
    expectError(ErrorCode::corrupt, [&] { table.find(number); });
    database.execute("UPDATE runs SET attempt=1,what=x'ffffff'");
    expectError(ErrorCode::corrupt, [&] { table.find(number); });
}

}  // namespace
}  // namespace coffer
