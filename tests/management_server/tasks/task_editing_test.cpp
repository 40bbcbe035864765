#include "management_server/tasks/task_editing.h"

#include <gmock/gmock.h>

#include "tests/management_server/tasks/tasks_fixture.h"

namespace coffer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct TaskEditingTest : TasksFixture {
    TaskEditingTest() { agents.know("nas", {}); }

    static Task task(TaskSettings its) {
        its.try_emplace("source", Texts{"laptop:/home"});
        return Task("office", std::move(its));
    }
    std::int64_t put(TaskSettings its, std::int64_t expected) {
        return editing.put("ann", task(std::move(its)), expected, check);
    }
    std::string keepDaily() {
        return settingOf(tasks->get("office").record.settings, "keep-daily");
    }

    Permissions permissions{*database};
    Confirmations confirmations{*database, clock, permissions, {SecondPerson::always, 3'600}};
    TaskEditing editing{*tasks, &confirmations};
    Texts asked;
    bool allowed = true;
    TaskEditing::Check check = [this](const TaskSource& source) {
        asked.push_back(source.shown());
        if (!allowed) throw Error(ErrorCode::permissionDenied, "not you");
    };
};

TEST_F(TaskEditingTest, LoweringWaitsForASecondPerson) {
    EXPECT_EQ(put({}, 0), 1);
    EXPECT_THAT(asked, IsEmpty());
    expectError(
        ErrorCode::conflict,
        [&] {
            put({{"keep-daily", {"7"}}}, 1);
        },
        "request 1 waits");
    EXPECT_THAT(asked, ElementsAre("laptop:/home"));
    EXPECT_EQ(keepDaily(), "");
    const Request request = confirmations.get(1);
    EXPECT_EQ(request.action, "lower-retention");
    EXPECT_EQ(request.subject, "task office: keep-daily=7, for laptop:/home in main");
    confirmations.confirm("bob", 1);
    EXPECT_EQ(keepDaily(), "7");
    EXPECT_EQ(tasks->get("office").record.changedBy, "ann");
    expectError(
        ErrorCode::conflict,
        [&] {
            put({{"keep-daily", {"6"}}}, 2);
        },
        "request 2");
    EXPECT_EQ(put({{"keep-daily", {"8"}}, {"compression", {"9"}}}, 2), 3);
}

TEST_F(TaskEditingTest, WhatWasChangedMeanwhileIsNotConfirmed) {
    put({}, 0);
    expectError(ErrorCode::conflict, [&] { put({{"keep-daily", {"7"}}}, 1); });
    put({{"compression", {"3"}}}, 1);
    expectError(
        ErrorCode::conflict, [&] { confirmations.confirm("bob", 1); }, "has been changed by ann");
    EXPECT_EQ(confirmations.get(1).state, "failed");
    EXPECT_EQ(keepDaily(), "");
}

TEST_F(TaskEditingTest, WhatWouldLowerMoreByNowIsNotConfirmed) {
    TaskEditing alone(*tasks, nullptr);
    const Texts both{"laptop:/home", "nas:/home"};
    alone.put("ann", task({{"source", both}, {"keep-daily", {"7"}}}), 0, check);
    const auto other = [&](const char* kept, std::int64_t version) {
        alone.put("ann", Task("other", {{"source", {"nas:/home"}}, {"keep-daily", {kept}}}),
                  version, check);
    };
    other("9", 0);
    expectError(ErrorCode::conflict, [&] { put({{"source", both}, {"keep-daily", {"3"}}}, 1); });
    EXPECT_EQ(confirmations.get(1).subject, "task office: keep-daily=3, for laptop:/home in main");
    other("2", 1);
    expectError(
        ErrorCode::conflict, [&] { confirmations.confirm("bob", 1); }, "other tasks have changed");
    EXPECT_EQ(keepDaily(), "7");
}

TEST_F(TaskEditingTest, NobodyIsAskedAboutWhatCannotBeDone) {
    put({}, 0);
    expectError(
        ErrorCode::conflict,
        [&] {
            put({{"keep-daily", {"7"}}}, 5);
        },
        "has been changed");
    expectError(ErrorCode::notFound, [&] {
        put({{"keep-daily", {"7"}}, {"source", {"gone:/x"}}}, 1);
    });
    EXPECT_THAT(confirmations.list(), IsEmpty());
}

TEST_F(TaskEditingTest, WhoMayNotForgetDoesNotLower) {
    allowed = false;
    put({}, 0);
    expectError(ErrorCode::permissionDenied, [&] { put({{"keep-daily", {"7"}}}, 1); });
    const auto any = [](const Task&) {};
    const std::string text = "[task office]\nsource = laptop:/home\nkeep-last = 1\n";
    for (const bool dryRun : {true, false}) {
        expectError(ErrorCode::permissionDenied,
                    [&] { editing.importText("ann", text, dryRun, any, check); });
    }
    EXPECT_THAT(confirmations.list(), IsEmpty());
    allowed = true;
    expectError(
        ErrorCode::conflict, [&] { editing.importText("ann", text, false, any, check); },
        "one by one");
    EXPECT_EQ(editing.importText("ann", text, true, any, check).size(), 1U);
    EXPECT_EQ(tasks->get("office").record.version, 1);
}

TEST_F(TaskEditingTest, WithoutTheTaskThatKeptMoreLessIsKept) {
    TaskEditing alone(*tasks, nullptr);
    alone.put("ann", task({{"keep-daily", {"7"}}}), 0, check);
    alone.put("ann", Task("other", {{"source", {"laptop:/home"}}, {"keep-daily", {"3"}}}), 0,
              check);
    expectError(
        ErrorCode::conflict, [&] { editing.remove("ann", "office", 1, check); }, "request 1");
    editing.remove("ann", "other", 1, check);
    confirmations.confirm("bob", 1);
    EXPECT_THAT(tasks->list(), IsEmpty());
}

}  // namespace
}  // namespace coffer
