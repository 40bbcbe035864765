#include "management_server/runs/run_queue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace coffer {
namespace {

using Standing = RunQueue::Standing;
using Numbers = std::vector<std::int64_t>;

struct RunQueueTest : testing::Test {
    void waits(std::int64_t run, const std::string& agent, int priority = 0,
               const std::string& repository = "main", const std::string& window = "") {
        queue.put(run, Standing::waiting, priority, {agent, repository, window, ""});
    }
    static RunLane synchronises(const std::vector<std::string>& folders) {
        RunLane lane;
        for (const std::string& folder : folders) lane.folders.push_back({{"a", folder}, true});
        return lane;
    }
    std::optional<RunQueue::Holder> holder(std::int64_t run) {
        return queue.holderOf(run, [](const RunLane&) { return true; });
    }
    void works(std::int64_t run, const std::string& agent, const std::string& repository = "main",
               const std::string& window = "", Standing standing = Standing::atWork) {
        queue.put(run, standing, 0, {agent, repository, window, ""});
    }
    RunQueue::Plan plan() {
        return queue.plan(limits, [this](const RunLane& lane) { return lane.window != closed; });
    }
    Numbers begin() { return plan().begin; }
    RunLack lack(const std::string& agent, const std::string& repository = "main",
                 const std::string& window = "") {
        return queue.lackOf({agent, repository, window, ""}, limits,
                            [this](const RunLane& lane) { return lane.window != closed; });
    }

    RunQueue queue;
    RunQueue::Limits limits{.atOnce = 4, .ofRepository = 3, .ofAgent = 2, .ofServer = 2};
    std::string closed = "none";
};

TEST_F(RunQueueTest, HasNothingToDoWhenItIsEmpty) {
    EXPECT_TRUE(plan().isEmpty());
    EXPECT_EQ(lack("a"), RunLack::nothing);
    EXPECT_EQ(queue.inTurn(), Numbers{});
}

TEST_F(RunQueueTest, LetsTheHigherPriorityBeginThenTheOlderRun) {
    limits.ofAgent = 10;
    limits.ofRepository = 10;
    waits(1, "a");
    waits(2, "a", 5);
    waits(3, "b", -5);
    waits(4, "b", 5);
    waits(5, "c");
    EXPECT_EQ(begin(), (Numbers{2, 4, 1, 5}));
    EXPECT_EQ(queue.inTurn(), (Numbers{2, 4, 1, 5, 3}));
}

TEST_F(RunQueueTest, WhatIsAboutNoRepositoryHasNoTurnInOne) {
    waits(1, "", 0, "");
    waits(2, "", 0, "");
    waits(3, "", 0, "");
    EXPECT_EQ(begin(), (Numbers{1, 2}));
    works(1, "", "");
    works(2, "", "");
    EXPECT_EQ(lack("", ""), RunLack::server);
}

TEST_F(RunQueueTest, LetsNobodyWorkOnAFolderThatAnotherHas) {
    limits.ofServer = 10;
    queue.put(1, Standing::waiting, 0, synchronises({"/x", "/y"}));
    queue.put(2, Standing::waiting, 0, synchronises({"/x/in", "/z"}));
    queue.put(3, Standing::waiting, 0, synchronises({"/other"}));
    EXPECT_EQ(begin(), (Numbers{1, 3}));
    queue.put(1, Standing::atWork, 0, synchronises({"/x", "/y"}));
    EXPECT_EQ(begin(), (Numbers{3}));
    ASSERT_TRUE(holder(2));
    EXPECT_EQ(holder(2)->run, 1);
    EXPECT_EQ(holder(2)->folder.text(), "a:/x");
    EXPECT_TRUE(holder(2)->isAtWork);
    EXPECT_FALSE(holder(3));
    queue.put(1, Standing::stopping, 0, synchronises({"/x", "/y"}));
    EXPECT_EQ(begin(), (Numbers{3}));
    queue.remove(1);
    EXPECT_EQ(begin(), (Numbers{2, 3}));
}

TEST_F(RunQueueTest, GivesNoFolderToWhoComesBehindOneThatWaitsForIt) {
    limits.ofServer = 10;
    queue.put(1, Standing::atWork, 0, synchronises({"/x"}));
    queue.put(2, Standing::waiting, 0, synchronises({"/x", "/y"}));
    queue.put(3, Standing::waiting, 0, synchronises({"/y"}));
    EXPECT_EQ(begin(), Numbers{}) << "the second would wait for ever";
    EXPECT_EQ(holder(3)->run, 2);
    EXPECT_FALSE(holder(3)->isAtWork);
    queue.put(3, Standing::waiting, 5, synchronises({"/y"}));
    EXPECT_EQ(begin(), (Numbers{3})) << "a higher priority goes first";
    queue.put(3, Standing::waiting, 0, synchronises({"/y"}));
    queue.remove(1);
    EXPECT_EQ(begin(), (Numbers{2}));
}

TEST_F(RunQueueTest, TakesNoSlotForWhoWaitsForAFolder) {
    limits.ofServer = 2;
    queue.put(1, Standing::atWork, 0, synchronises({"/x"}));
    queue.put(2, Standing::waiting, 0, synchronises({"/x"}));
    queue.put(3, Standing::waiting, 0, synchronises({"/x"}));
    waits(4, "");
    EXPECT_EQ(begin(), (Numbers{4}));
}

TEST_F(RunQueueTest, KeepsEachLimit) {
    struct Case {
        const char* what;
        std::vector<RunLane> atWork;
        RunLane lane;
        RunLack lack;
    };
    const std::vector<Case> cases = {
        {"nobody", {}, {"a", "main", "", ""}, RunLack::nothing},
        {"room", {{"a", "main", "", ""}}, {"a", "main", "", ""}, RunLack::nothing},
        {"agent",
         {{"a", "main", "", ""}, {"a", "x", "", ""}},
         {"a", "main", "", ""},
         RunLack::agent},
        {"another agent",
         {{"a", "main", "", ""}, {"a", "x", "", ""}},
         {"b", "main", "", ""},
         RunLack::nothing},
        {"repository",
         {{"a", "main", "", ""}, {"b", "main", "", ""}, {"c", "main", "", ""}},
         {"d", "main", "", ""},
         RunLack::repository},
        {"another repository",
         {{"a", "main", "", ""}, {"b", "main", "", ""}, {"c", "main", "", ""}},
         {"d", "x", "", ""},
         RunLack::nothing},
        {"server",
         {{"a", "1", "", ""}, {"b", "2", "", ""}, {"c", "3", "", ""}, {"d", "4", "", ""}},
         {"e", "5", "", ""},
         RunLack::server},
        {"windows make no difference to limits",
         {{"a", "main", "w", ""}, {"a", "main", "v", "Europe/Berlin"}},
         {"a", "main", "", ""},
         RunLack::agent},
        {"closed", {}, {"a", "main", "night", ""}, RunLack::window},
        {"own work beside runs of agents",
         {{"a", "main", "", ""}, {"b", "main", "", ""}, {"c", "main", "", ""}, {"d", "x", "", ""}},
         {"", "main", "", ""},
         RunLack::nothing},
        {"own work, one of a repository",
         {{"", "main", "", ""}},
         {"", "main", "", ""},
         RunLack::repository},
        {"own work, two at a time",
         {{"", "main", "", ""}, {"", "x", "", ""}},
         {"", "y", "", ""},
         RunLack::server},
        {"runs of agents beside own work",
         {{"", "main", "", ""}, {"", "x", "", ""}},
         {"a", "main", "", ""},
         RunLack::nothing},
    };
    closed = "night";
    for (const Case& each : cases) {
        queue = {};
        std::int64_t run = 0;
        for (const RunLane& lane : each.atWork) queue.put(++run, Standing::atWork, 0, lane);
        EXPECT_EQ(lack(each.lane.agent, each.lane.repository, each.lane.window), each.lack)
            << each.what;
        queue.put(100, Standing::waiting, 0, each.lane);
        EXPECT_EQ(begin(), each.lack == RunLack::nothing ? Numbers{100} : Numbers{}) << each.what;
    }
}

TEST_F(RunQueueTest, CountsThoseThatItLetsBegin) {
    for (std::int64_t run = 1; run <= 4; ++run) waits(run, "a");
    waits(5, "b");
    waits(6, "c");
    EXPECT_EQ(begin(), (Numbers{1, 2, 5}));  // three of the repository
    waits(6, "c", 0, "x");
    EXPECT_EQ(begin(), (Numbers{1, 2, 5, 6}));
}

TEST_F(RunQueueTest, LetsNobodyBeHeldUpByWhoCannotBegin) {
    works(1, "a");
    works(2, "a");
    waits(3, "a", 100);
    waits(4, "b", -100);
    EXPECT_EQ(begin(), Numbers{4});
    EXPECT_EQ(lack("a"), RunLack::agent);
}

TEST_F(RunQueueTest, CountsWhoIsStoppingUntilItHasStopped) {
    works(1, "a", "main", "", Standing::stopping);
    works(2, "a");
    waits(3, "a");
    EXPECT_EQ(begin(), Numbers{});
    queue.remove(1);
    EXPECT_EQ(begin(), Numbers{3});
    works(3, "a");
    EXPECT_EQ(begin(), Numbers{});
    EXPECT_EQ(lack("a"), RunLack::agent);
}

TEST_F(RunQueueTest, OpensAndClosesWindows) {
    works(1, "a", "main", "night");
    works(2, "b", "main", "day");
    works(3, "c", "main", "night", Standing::stopping);
    works(4, "d", "main", "night", Standing::asleep);
    works(5, "d", "main", "day", Standing::asleep);
    waits(6, "e", 0, "x", "night");
    waits(7, "f", 0, "x", "day");
    closed = "night";
    EXPECT_EQ(plan().stop, Numbers{1});
    EXPECT_EQ(plan().wake, Numbers{5});
    EXPECT_EQ(plan().begin, Numbers{7});
    EXPECT_EQ(lack("e", "x", "night"), RunLack::window);
    closed = "day";
    EXPECT_EQ(plan().stop, Numbers{2});
    EXPECT_EQ(plan().wake, Numbers{4});
    EXPECT_EQ(plan().begin, Numbers{6});
}

TEST_F(RunQueueTest, TakesTheLastWordOnARun) {
    limits.ofAgent = 1;
    works(1, "a");
    waits(2, "a");
    works(1, "b");
    EXPECT_EQ(begin(), Numbers{2});
    waits(2, "b");
    EXPECT_EQ(begin(), Numbers{});
    queue.remove(1);
    queue.remove(1);
    queue.remove(99);
    EXPECT_EQ(begin(), Numbers{2});
    queue.remove(2);
    EXPECT_TRUE(plan().isEmpty());
    EXPECT_EQ(queue.inTurn(), Numbers{});
}

// What is done for one that begins does not grow with those that wait: 20,000 of 200 agents begin
// one after the other, each with a plan of its own.
TEST_F(RunQueueTest, BearsTwentyThousand) {
    limits = {.atOnce = 100, .ofRepository = 50, .ofAgent = 1, .ofServer = 2};
    constexpr std::int64_t all = 20'000;
    for (std::int64_t run = 1; run <= all; ++run) {
        waits(run, std::to_string(run % 200), 0, std::to_string(run % 4));
    }
    std::int64_t begun = 0;
    for (Numbers atWork = begin(); !atWork.empty(); atWork = begin()) {
        for (const std::int64_t run : atWork) works(run, std::to_string(run % 200));
        for (const std::int64_t run : atWork) queue.remove(run);
        begun += static_cast<std::int64_t>(atWork.size());
        EXPECT_LE(atWork.size(), 100U);
    }
    EXPECT_EQ(begun, all);
}

}  // namespace
}  // namespace coffer
