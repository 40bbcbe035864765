#include "tests/management_server/tasks/tasks_fixture.h"

namespace coffer {
namespace {

constexpr std::int64_t hour = 3'600;
constexpr const char* night = "mon-sun 22:00-06:00";

struct TaskWindowsTest : TasksFixture {
    TaskWindowsTest() {
        setClock("2026-11-26 20:00");
        attach("laptop");
    }

    std::int64_t startNow(const char* task) {
        return starter->startNow(tasks->get(task), "ann").front();
    }
};

TEST_F(TaskWindowsTest, ARunHasWindowAndPriorityOfItsTask) {
    put("office", {{"window", {night}}, {"zone", {"UTC"}}, {"priority", {"-7"}}});
    const RunRecord run = runs->get(startNow("office"));
    EXPECT_EQ(run.priority, -7);
    EXPECT_FALSE(run.options.contains("priority"));
    EXPECT_EQ(run.stand.state, RunState::waiting);
    EXPECT_EQ(run.message, "waiting for its window, which opens at 2026-11-26T22:00:00Z");
    clock.advance(2 * hour);
    runs->tick();
    EXPECT_EQ(state(run.number), "queued");
}

TEST_F(TaskWindowsTest, ItsZoneDecides) {
    put("office", {{"window", {night}}, {"zone", {"Europe/Berlin"}}});
    EXPECT_EQ(runs->get(startNow("office")).message,
              "waiting for its window, which opens at 2026-11-26T21:00:00Z");
}

TEST_F(TaskWindowsTest, AChangedOneHoldsForRunsThatHaveNotEnded) {
    put("office", {{"window", {night}}, {"zone", {"UTC"}}});
    const std::int64_t run = startNow("office");
    scheduler->round();
    put("office", {});
    EXPECT_EQ(state(run), "waiting");
    scheduler->round();
    EXPECT_EQ(state(run), "queued");
    put("office", {{"window", {night}}, {"zone", {"UTC"}}});
    restart();  // before anybody has told the run
    attach("laptop");
    scheduler->round();
    runs->tick();
    EXPECT_EQ(state(run), "parked");
}

TEST_F(TaskWindowsTest, TheTimeParkedIsNotOfTheTimeLimit) {
    clock.advance(9 * hour);  // 05:00
    put("office", {{"window", {night}}, {"zone", {"UTC"}}, {"time-limit", {"3h"}}});
    const std::int64_t run = startNow("office");
    runs->work();
    clock.advance(hour);
    runs->tick();
    finish(run, 1, "cancelled", "laptop");
    EXPECT_EQ(state(run), "parked");
    clock.advance(16 * hour);
    EXPECT_FALSE(scheduler->round());
    runs->tick();
    runs->work();
    EXPECT_EQ(state(run), "running");
    EXPECT_EQ(toIso8601(*scheduler->round()), "2026-11-28T00:00:00Z");
    clock.advance(2 * hour);
    scheduler->round();
    EXPECT_TRUE(runs->get(run).stand.cancelling);
}

}  // namespace
}  // namespace coffer
