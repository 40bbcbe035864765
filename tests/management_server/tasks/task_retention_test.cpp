#include "management_server/tasks/task_retention.h"

#include <gmock/gmock.h>

#include "management_server/snapshots/snapshot_shelf.h"
#include "tests/management_server/tasks/tasks_fixture.h"

namespace coffer {
namespace {

using testing::ElementsAre;

struct TaskRetentionTest : TasksFixture {
    TaskRetentionTest() {
        attach("laptop");
        beginKeeper();
    }

    // The repository is shared: what was there at first stays.
    ~TaskRetentionTest() override {
        const SnapshotId first = SnapshotId::from(fromHex(repositories.snapshot));
        repositories.open("main")->untrash(std::span(&first, 1));
    }

    void beginKeeper() {
        keeper = std::make_unique<TaskRetention>(TaskRetention::Parts{
            *tasks, *runs, *events, repositories, retention,
            [this](const std::string& name) { return agents.identity(name).id; }});
        keeper->round();
    }

    /// A run of the task that has committed this snapshot.
    void backup(const char* outcome = "succeeded") {
        const KnownTask task = tasks->get("office");
        const auto numbers = starter->startNow(task, "ann");
        ASSERT_EQ(numbers.size(), 1U);
        runs->work();
        SnapshotId id;
        id.bytes[0] = ++made;
        repositories.commit(id);
        Coffer::RunResult done = result(numbers.front(), attempt(numbers.front()), outcome);
        if (*done.snapshot.in() != '\0') done.snapshot = id.hex().c_str();
        runs->listener().finished("laptop", done);
        clock.advance(1);
    }

    std::size_t shown() {
        std::size_t count = 0;
        for (const SnapshotInfo& info : repositories.open("main")->ledger().snapshots()) {
            count += info.isShown() ? 1U : 0U;
        }
        return count;
    }

    Texts applied() {
        Texts texts;
        for (const RecordedEvent& event : events->since(0, 1'000)) {
            if (event.kind.starts_with("retention-")) texts.push_back(event.text);
        }
        return texts;
    }

    std::uint8_t made = 0;
    SnapshotShelf shelf;
    std::vector<SourceRuns> histories;
    SnapshotRetention retention{{.repositories = repositories,
                                 .shelf = shelf,
                                 .clock = repositories.fixture.clock,
                                 .histories = [this](const std::string&) { return histories; },
                                 .graceSeconds = 7 * 86'400}};
    std::unique_ptr<TaskRetention> keeper;
};

TEST_F(TaskRetentionTest, IsAppliedAfterEachGoodBackup) {
    put("office", {{"keep-last", {"2"}}});
    EXPECT_EQ(shown(), 1U);
    backup();
    backup();
    EXPECT_EQ(shown(), 3U);
    keeper->round();
    EXPECT_EQ(shown(), 2U);
    EXPECT_THAT(applied(),
                ElementsAre("retention of task office at laptop: 1 snapshot of main forgotten"));
    backup("failed");
    keeper->round();
    EXPECT_EQ(shown(), 3U);
    keeper->round();
    EXPECT_EQ(applied().size(), 1U);
}

TEST_F(TaskRetentionTest, OfOtherSourcesNothingGoes) {
    put("office", {{"keep-last", {"1"}}});
    put("etc", {{"source", {"laptop:/etc"}}, {"keep-last", {"1"}}});
    backup();
    // What the run was for is no source of the task any more.
    put("office", {{"source", {"laptop:/srv"}}, {"keep-last", {"1"}}});
    keeper->round();
    EXPECT_EQ(shown(), 2U);
    EXPECT_TRUE(applied().empty());
}

TEST_F(TaskRetentionTest, NothingGoesBesideATaskThatCannotBeRead) {
    put("office", {{"keep-last", {"1"}}});
    put("other", {{"keep-last", {"9"}}, {"zone", {"Europe/Berlin"}}});
    database->change([](SqlDatabase& db) {
        db.execute(
            "UPDATE tasks SET version=version+1, definition=CAST(replace(CAST(definition AS TEXT),"
            "'Europe/Berlin','Europe/Berlim') AS BLOB) WHERE name=CAST('other' AS BLOB)");
    });
    ASSERT_FALSE(tasks->get("other").task);
    backup();
    keeper->round();
    EXPECT_EQ(shown(), 2U);
}

TEST_F(TaskRetentionTest, WithoutRulesAllStay) {
    put("office", {{"keep-last", {"0"}}});
    backup();
    keeper->round();
    EXPECT_EQ(shown(), 2U);
}

TEST_F(TaskRetentionTest, NothingGoesWhileBackupsFail) {
    put("office", {{"keep-last", {"1"}}});
    histories = {{SourceKey::of(repositories.fixture.agent.id, {"/home"}), {}, Timestamp{9, 0}}};
    backup();
    keeper->round();
    EXPECT_EQ(shown(), 2U);
    histories.front().lastSuccess = Timestamp{10, 0};
    backup("warnings");
    keeper->round();
    EXPECT_EQ(shown(), 1U);
}

TEST_F(TaskRetentionTest, AServerThatEndedBeforeItMakesUpForIt) {
    put("office", {{"keep-last", {"1"}}});
    backup();
    beginKeeper();
    EXPECT_EQ(shown(), 1U);
    EXPECT_EQ(applied().size(), 1U);
}

TEST_F(TaskRetentionTest, APreviewChangesNothing) {
    put("office", {});
    backup();
    expectError(
        ErrorCode::invalidArgument, [&] { keeper->preview("office"); }, "has no rules");
    expectError(ErrorCode::notFound, [&] { keeper->preview("nothing"); });
    put("office", {{"keep-last", {"1"}}});
    const TaskRetentionPreview seen = keeper->preview("office");
    EXPECT_EQ(seen.repository, "main");
    ASSERT_EQ(seen.groups.size(), 1U);
    ASSERT_EQ(seen.groups[0].verdicts.size(), 2U);
    EXPECT_TRUE(seen.groups[0].verdicts[0].keep());
    EXPECT_FALSE(seen.groups[0].verdicts[1].keep());
    EXPECT_EQ(shown(), 2U);
    // What another task keeps of the same source stays.
    put("more", {{"keep-last", {"2"}}});
    EXPECT_TRUE(keeper->preview("office").groups[0].verdicts[1].keep());
}

TEST_F(TaskRetentionTest, AFailureIsToldAndKeepsNothingElseFromIt) {
    put("office", {{"keep-last", {"1"}}});
    backup();
    repositories.opening = [](const std::string&) { throw Error(ErrorCode::ioError, "gone"); };
    keeper->round();
    repositories.opening = {};
    EXPECT_THAT(applied(), ElementsAre("retention of task office at laptop: gone"));
    EXPECT_EQ(shown(), 2U);
    backup();
    keeper->round();
    EXPECT_EQ(shown(), 1U);
}

}  // namespace
}  // namespace coffer
