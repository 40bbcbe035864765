#include "management_server/tasks/tasks.h"

#include "management_server/runs/option_renaming.h"
#include "management_server/tasks/task_forms.h"
#include "management_server/tasks/task_table.h"
#include "tests/management_server/tasks/tasks_fixture.h"

namespace coffer {
namespace {

using TasksTest = TasksFixture;

TEST_F(TasksTest, AreKeptOverARestart) {
    put("office", {{"schedule", {"daily at 21:30"}}, {"component", {"office"}}});
    restart();
    const KnownTask task = tasks->get("office");
    EXPECT_EQ(task.record.version, 1);
    EXPECT_EQ(task.record.changedBy, "ann");
    EXPECT_EQ(task.task->setting("component"), "office");
    expectError(
        ErrorCode::notFound, [&] { tasks->get("nowhere"); }, "there is no task 'nowhere'");
}

TEST_F(TasksTest, OfWhichNobodyGetsTheMailAreWarnedOf) {
    const auto warning = [&](bool sendsMail) {
        const Coffer::TaskInfo info = toTaskInfo(tasks->get("office"), clock.now(), sendsMail);
        return rpc::toMap(info.more)["warning"];
    };
    put("office", {{"mail-when", {"always"}}});
    EXPECT_EQ(warning(false), "");
    put("office", {{"mail", {"ann@example.org"}}});
    EXPECT_NE(warning(false).find("mail.server"), std::string::npos);
    EXPECT_EQ(warning(true), "");
}

TEST_F(TasksTest, WhoHasNotSeenAChangeDoesNotOverwriteIt) {
    put("office", {});
    tasks->put("ann", "office", {{"source", {"laptop:/a"}}}, 1);
    clock.advance(60);
    expectError(
        ErrorCode::conflict,
        [&] {
            tasks->put("bob", "office", {{"source", {"laptop:/b"}}}, 1);
        },
        "has been changed by ann at 2001-09-09T01:46:40Z");
    expectError(
        ErrorCode::conflict,
        [&] {
            tasks->put("bob", "office", {{"source", {"laptop:/b"}}}, 0);
        },
        "is there already, last changed by ann");
    expectError(
        ErrorCode::conflict, [&] { tasks->remove("bob", "office", 1); }, "changed by ann");
    EXPECT_EQ(settingOf(tasks->get("office").record.settings, "source"), "laptop:/a");
    EXPECT_EQ(tasks->put("bob", "office", {{"source", {"laptop:/b"}}}, 2), 3);
    tasks->remove("bob", "office", 3);
    expectError(
        ErrorCode::conflict,
        [&] {
            tasks->put("ann", "office", {{"source", {"laptop:/b"}}}, 3);
        },
        "was removed meanwhile");
}

// Whether an agent has moved, or the files of the time zone database are others.
TEST_F(TasksTest, GoByTimeZonesAsTheyAreAfterAnHour) {
    zones["laptop"] = "Europe/Berlin";
    put("office", {{"schedule", {"daily at 12:00"}}, {"zone", {"agent"}}});
    const auto before = tasks->get("office").task;
    zones["laptop"] = "America/New_York";
    clock.advance(3'599);
    EXPECT_EQ(tasks->get("office").task, before);
    clock.advance(1);
    EXPECT_NE(tasks->get("office").task, before);
}

TEST_F(TasksTest, WhatTheyNeedHasToBeThere) {
    expectError(
        ErrorCode::notFound,
        [&] {
            put("t", {{"source", {"nobody:/home"}}});
        },
        "task t: agent nobody: no agent nobody");
    expectError(
        ErrorCode::notFound,
        [&] {
            put("t", {{"repository", {"nowhere"}}});
        },
        "'nowhere'");
    expectError(
        ErrorCode::notFound,
        [&] {
            put("t", {{"after", {"nothing"}}});
        },
        "after: there is no task 'nothing'");
    EXPECT_TRUE(tasks->list().empty());
}

TEST_F(TasksTest, NoChainComesBackToItself) {
    put("a", {});
    put("b", {{"after", {"a"}}});
    put("c", {{"after", {"b"}}});
    expectError(
        ErrorCode::invalidArgument,
        [&] {
            put("a", {{"after", {"c"}}});
        },
        "in turn");
    expectError(
        ErrorCode::conflict, [&] { tasks->remove("ann", "a", 1); }, "task b starts after a");
    EXPECT_EQ(tasks->get("a").task->after(), "");
}

TEST_F(TasksTest, EnableIsAChangeLikeOthers) {
    put("office", {});
    EXPECT_EQ(tasks->enable("bob", "office", false), 2);
    EXPECT_FALSE(tasks->get("office").task->enabled());
    EXPECT_EQ(told("office"), (Texts{"task-changed", "task-changed"}));
}

TEST_F(TasksTest, WhatLacksAnAgentOrMakesNoSenseAnyMoreCanBeDisabled) {
    put("office", {});
    agents.revoke("laptop");
    EXPECT_EQ(tasks->enable("ann", "office", false), 2);
    EXPECT_FALSE(tasks->get("office").task->enabled());
    expectError(ErrorCode::conflict, [&] { tasks->enable("ann", "office", true); });

    database->change([](SqlDatabase& change) {
        TaskTable table(change);
        TaskRecord task = *table.find("office");
        task.settings = {{"source", {"laptop:/home"}}, {"zone", {"Atlantis/City"}}};
        table.put(task);
    });
    tasks->enable("ann", "office", false);
    EXPECT_EQ(settingOf(tasks->get("office").record.settings, "enabled"), "no");
    expectError(ErrorCode::notFound, [&] { tasks->enable("ann", "office", true); });
}

TEST_F(TasksTest, ExportAndImport) {
    put("office", {{"schedule", {"daily at 21:30"}}});
    put("check", {{"kind", {"verify"}}, {"after", {"office"}}});
    const std::string text = tasks->exported("");
    EXPECT_EQ(readTaskTexts(text).size(), 2U);
    EXPECT_EQ(readTaskTexts(tasks->exported("check")).size(), 1U);
    put("late", {{"kind", {"verify"}}, {"window", {"mon-fri 20:00-06:00"}}});
    EXPECT_NE(tasks->exported("late").find("; For people."), std::string::npos);
    const std::string plain =
        "[task late]\nkind = verify\nwindow = mon-fri 20:00-06:00\n\n\n[task ";
    EXPECT_NE(tasks->exported("").find(plain), std::string::npos) << "one of a kind is explained";
    tasks->remove("ann", "late", 1);
    for (const TaskDifference& each : tasks->importText("bob", text, false))
        EXPECT_TRUE(each.isSame());
    EXPECT_EQ(tasks->get("office").record.version, 1) << "the same is no change";

    const std::string edited =
        "[task office]\nsource = laptop:/home\nschedule = daily at 22:00\n"
        "[task new]\nkind = prune\nafter = check\n";
    const auto seen = tasks->importText("bob", edited, true);
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_TRUE(seen[0].isNew);
    ASSERT_EQ(seen[1].changes.size(), 1U);
    EXPECT_EQ(seen[1].changes[0].key, "schedule");
    EXPECT_EQ(seen[1].changes[0].before, Texts{"daily at 21:30"});
    EXPECT_EQ(seen[1].changes[0].after, Texts{"daily at 22:00"});
    EXPECT_EQ(tasks->list().size(), 2U) << "a dry run changes nothing";
    EXPECT_EQ(tasks->get("office").record.version, 1);

    tasks->importText("bob", edited, false);
    EXPECT_EQ(tasks->list().size(), 3U);
    EXPECT_EQ(tasks->get("office").record.changedBy, "bob");
}

TEST_F(TasksTest, AnImportIsAllOrNothing) {
    put("office", {});
    const auto refused = [&](const char* text, ErrorCode code, const char* says) {
        expectError(
            code, [&] { tasks->importText("bob", text, false); }, says);
        expectError(
            code, [&] { tasks->importText("bob", text, true); }, says);
        EXPECT_EQ(tasks->list().size(), 1U);
        EXPECT_EQ(tasks->get("office").record.version, 1);
    };
    refused("[task a]\nkind = prune\n[task office]\nsource = laptop:/x\nschedule = never\n",
            ErrorCode::invalidArgument, "task office: schedule: 'never'");
    refused("[task a]\nkind = prune\n[task b]\nkind = prune\nafter = c\n", ErrorCode::notFound,
            "there is no task 'c'");
    refused("[task a]\nkind = prune\nafter = b\n[task b]\nkind = prune\nafter = a\n",
            ErrorCode::invalidArgument, "in turn");
    refused("; nothing\n", ErrorCode::invalidArgument, "there is no [task NAME]");
}

TEST_F(TasksTest, LimitsThatLetNothingThroughAreRefusedWhereTheyAreEntered) {
    expectError(
        ErrorCode::invalidArgument,
        [&] {
            put("office", {{"bandwidth", {"0"}}});
        },
        "lets nothing through");
    put("office", {{"bandwidth", {"7"}}});
    // An older program let it in.
    database->change([](SqlDatabase& db) {
        db.execute(
            "UPDATE tasks SET version=version+1, definition=CAST(replace(CAST(definition AS TEXT),"
            "'7','0') AS BLOB)");
    });
    const KnownTask old = tasks->get("office");
    ASSERT_TRUE(old.task) << old.problem;
    EXPECT_EQ(old.task->setting("bandwidth"), "0");
    tasks->enable("ann", "office", false);
    EXPECT_TRUE(tasks->importText("ann", tasks->exported(""), false).at(0).isSame());
    expectError(
        ErrorCode::invalidArgument,
        [&] {
            tasks->importText("ann", "[task other]\nsource = laptop:/home\nbandwidth = 0\n", false);
        },
        "lets nothing through");
}

TEST_F(TasksTest, FollowTheNamesOfAgents) {
    database->change([&](SqlDatabase& db) {
        TaskTable(db).put({.name = "copies",
                           .settings = {{"kind", {"copy"}}, {"only-agent", {"laptop"}}},
                           .version = 1,
                           .changed = {},
                           .changedBy = "ann",
                           .stand = {}});
    });
    put("office", {{"source", {"laptop:/home", "desktop:/home"}}});
    put("other", {{"source", {"desktop:/home"}}});
    RunRecord copy;
    copy.kind = run_kind::copy;
    copy.repository = "main";
    copy.options = {{"choose", "all"}, {"only-agent", "laptop"}};
    const std::int64_t run = runs->add(copy);
    RunRecord rehearsal;
    rehearsal.kind = run_kind::rehearsal;
    rehearsal.repository = "main";
    rehearsal.options = {{"only-agent", "laptop"}};
    const std::int64_t rehearsed = runs->add(rehearsal);
    const auto rewritten = database->change([&](SqlDatabase& db) {
        renameAgentInOptions(db, "laptop", "desk");
        return TaskTable(db).renameAgent("laptop", "desk", "bob", clock.now());
    });
    ASSERT_EQ(rewritten.size(), 2U);
    for (const TaskRecord& task : rewritten) tasks->tellRewritten("bob", task);
    EXPECT_EQ(settingsOf(tasks->get("office").record.settings, "source"),
              (Texts{"desk:/home", "desktop:/home"}));
    EXPECT_EQ(settingOf(tasks->get("copies").record.settings, "only-agent"), "desk");
    EXPECT_EQ(tasks->get("other").record.version, 1);
    EXPECT_EQ(runs->get(run).options, (RunTexts{{"choose", "all"}, {"only-agent", "desk"}}));
    EXPECT_EQ(runs->get(rehearsed).options, (RunTexts{{"only-agent", "desk"}}));
    const RecordedEvent told = events->since(0, 1'000).back();
    EXPECT_EQ(told.kind, "task-changed");
    EXPECT_EQ(told.subject, "office");
    EXPECT_EQ(told.value("version"), "2");
}

}  // namespace
}  // namespace coffer
