#include "management_server/runs/queue_board.h"

#include <gtest/gtest.h>

#include "tests/management_server/runs/runs_fixture.h"
#include "tests/support/held_sync.h"

namespace coffer {
namespace {

struct QueueBoardTest : RunsFixture {
    std::vector<Grant> grants = allRoles();
    SessionTable sessions{
        clock,
        {[this] { return called; }, [] { return std::optional<std::string>("ann"); },
         [this](const std::string&) { return grants; }}};
    Bytes called = toBytes(sessions.begin("ann").id.view());
    PortableServer::Servant_var<QueueBoard> board = new QueueBoard(
        sessions, *runs, [](const std::string&, const std::string&) { return "laptop"; });

    template <class Work>
    void expectFailed(const std::string& code, Work&& work) {
        try {
            work();
            ADD_FAILURE() << "no " << code;
        } catch (const Coffer::Failed& failed) {
            EXPECT_EQ(failed.code.in(), code) << failed.message.in();
        }
    }
};

TEST_F(QueueBoardTest, TellsWhatEachWaitsFor) {
    settings.slots.ofAgent = 1;
    begin();
    board = new QueueBoard(sessions, *runs,
                           [](const std::string&, const std::string&) { return "laptop"; });
    attach("laptop");
    const std::int64_t atWork = running();
    const std::int64_t waits = backup();
    const std::int64_t away = backup("desktop");
    Coffer::QueuedRuns_var queue = board->list(1'000);
    ASSERT_EQ(queue->length(), 2U);
    EXPECT_EQ(queue[0].run, waits);
    EXPECT_STREQ(queue[0].state.in(), "waiting");
    EXPECT_STREQ(queue[0].waitsFor.in(), "waiting for a slot of agent laptop");
    EXPECT_EQ(queue[1].run, away);
    EXPECT_STREQ(queue[1].waitsFor.in(), "the agent is away");
    EXPECT_EQ(Coffer::QueuedRuns_var(board->list(1))->length(), 1U);
    board->setPriority(waits, -3);
    EXPECT_EQ(Coffer::QueuedRuns_var(board->list(1))[0].priority, -3);
    finish(atWork, 1, "failed");
    EXPECT_EQ(Coffer::QueuedRuns_var(board->list(1))[0].run, away);
    expectFailed("invalid-argument", [&] { board->list(0); });
    expectFailed("invalid-argument", [&] { board->list(1'001); });
    expectFailed("invalid-argument", [&] { board->setPriority(waits, 101); });
}

TEST_F(QueueBoardTest, HasEachRunOnceWhileItsStepIsBeingWritten) {
    HeldSync disk;
    begin();
    const std::int64_t first = backup();
    const std::int64_t second = backup();
    const auto expectBoth = [&] {
        std::vector<std::int64_t> numbers;
        for (const RunRecord& run : runs->queued(10, [](const RunRecord&) { return true; })) {
            numbers.push_back(run.number);
        }
        std::ranges::sort(numbers);
        EXPECT_EQ(numbers, (std::vector{first, second}));
    };
    expectBoth();
    EXPECT_TRUE(disk.holdDuring([&] { runs->pause(first, "paused"); }, expectBoth));
    EXPECT_EQ(state(first), "parked");
    expectBoth();
    EXPECT_TRUE(disk.holdDuring([&] { runs->resume(first); }, expectBoth));
    expectBoth();
    runs.reset();
    events.reset();
    database.reset();
}

TEST_F(QueueBoardTest, SaysWhoHasPausedARunAndWhy) {
    const std::int64_t run = backup();
    board->pause(run, "too\nloud");
    EXPECT_EQ(message(run), "paused by ann: too\\x0aloud");
    const std::int64_t other = backup();
    board->pause(other, "");
    EXPECT_EQ(message(other), "paused by ann");
    board->pause(backup(), std::string(100'000, 'x').c_str());
    EXPECT_LT(message(3).size(), 600U);
    runs->cancel(run);
    expectFailed("conflict", [&] { board->pause(run, ""); });
    expectFailed("not-found", [&] { board->pause(99, ""); });
}

TEST_F(QueueBoardTest, LetsAUserDoWhatHeMay) {
    const std::int64_t own = backup("laptop");
    const std::int64_t foreign = backup("desktop");
    grants = {{UserRole::operating, "", {"laptop"}}};
    Coffer::QueuedRuns_var queue = board->list(1);
    ASSERT_EQ(queue->length(), 1U);
    EXPECT_EQ(queue[0].run, own);
    expectFailed("permission-denied", [&] { board->pause(foreign, ""); });
    expectFailed("permission-denied", [&] { board->setPriority(foreign, 1); });
    board->setPriority(own, 1);
    grants = {{UserRole::viewer}};
    EXPECT_EQ(Coffer::QueuedRuns_var(board->list(10))->length(), 2U);
    expectFailed("permission-denied", [&] { board->pause(own, ""); });
    expectFailed("permission-denied", [&] { board->setPriority(own, 1); });
    called = Bytes(16);
    expectFailed("log-in-again", [&] { board->list(1); });
    expectFailed("log-in-again", [&] { board->pause(own, ""); });
    expectFailed("log-in-again", [&] { board->setPriority(own, 1); });
}

TEST_F(QueueBoardTest, HasRoomAsSoonAsALimitIsRaised) {
    settings.slots.ofAgent = 1;
    begin();
    attach("laptop");
    running();
    const std::int64_t waits = backup();
    runs->tick();
    EXPECT_EQ(runs->get(waits).stand.state, RunState::waiting);
    settings.slots.ofAgent = 2;
    runs->setLimits(settings);
    runs->tick();
    EXPECT_NE(runs->get(waits).stand.state, RunState::waiting);
}

}  // namespace
}  // namespace coffer
