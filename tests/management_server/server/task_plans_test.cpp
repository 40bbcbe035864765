#include "management_server/server/task_plans.h"

#include <gtest/gtest.h>

namespace coffer {
namespace {

KnownTask taskOf(const std::string& name, const TaskSettings& settings) {
    KnownTask known;
    known.task = std::make_shared<const Task>(name, settings);
    return known;
}

TEST(TaskPlans, SayWhatBackupsAreToProtect) {
    const std::vector<KnownTask> tasks = {
        taskOf("all", {{"source", {"laptop:/home", "laptop:/etc", "desk:/srv"}},
                       {"component", {"office"}},
                       {"warn-after", {"36h"}}}),
        taskOf("often", {{"source", {"desk:/srv"}}, {"warn-after", {"2h"}}}),
        taskOf("never", {{"source", {"desk:/var"}}, {"enabled", {"no"}}}),
        taskOf("other", {{"kind", {"verify"}}}),
        KnownTask(),  // of a newer program
    };
    const auto plans = plansOf(tasks);
    ASSERT_EQ(plans.size(), 2U);
    const StatusKeeper::Plan& laptop = plans.at({"laptop", "main", {"/etc", "/home"}});
    EXPECT_EQ(laptop.component, "office");
    EXPECT_EQ(laptop.warnAfterSeconds, 36 * 3'600);
    EXPECT_EQ(plans.at({"desk", "main", {"/srv"}}).warnAfterSeconds, 2 * 3'600);
}

}  // namespace
}  // namespace coffer
