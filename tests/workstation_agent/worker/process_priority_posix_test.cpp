#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "tests/support/expect_error.h"
#include "workstation_agent/worker/process_priority.h"

namespace coffer {
namespace {

// On a thread of its own, since nobody becomes important again.
void apart(const std::function<void()>& work) {
    std::jthread thread(work);
}

int niceNow() {
    return ::getpriority(PRIO_PROCESS, 0);
}

// 2: best effort, 3: idle.
int diskClassNow() {
    return static_cast<int>(::syscall(SYS_ioprio_get, 1, 0)) >> 13;
}

TEST(ProcessPriority, GivesWayForThreadsToCome) {
    apart([] {
        giveWay("restore", {{"nice", "19"}, {"ionice", "idle"}});
        apart([] {
            EXPECT_EQ(niceNow(), 19);
            EXPECT_EQ(diskClassNow(), 3);
        });
        // Never back.
        giveWay("restore", {{"nice", "3"}, {"ionice", "best-effort"}});
        EXPECT_EQ(niceNow(), 19);
        EXPECT_EQ(diskClassNow(), 3);
    });
    apart([] {
        giveWay("restore", {{"ionice", "best-effort"}});
        EXPECT_EQ(diskClassNow(), 2);
    });
}

TEST(ProcessPriority, IsThatOfTheKindOfRunUnlessTheOrderSays) {
    const int before = niceNow();
    const auto niceOf = [](const std::string& kind, const std::string& nice) {
        int found = -1;
        apart([&] {
            giveWay(kind, nice.empty() ? std::map<std::string, std::string>()
                                       : std::map<std::string, std::string>{{"nice", nice}});
            found = niceNow();
        });
        return found;
    };
    EXPECT_EQ(niceOf("backup", ""), std::max(before, 10));
    EXPECT_EQ(niceOf("backup", "0"), before);
    EXPECT_EQ(niceOf("backup", "12"), std::max(before, 12));
    EXPECT_EQ(niceOf("restore", ""), before);
    EXPECT_EQ(niceOf("restore", "12"), std::max(before, 12));
}

TEST(ProcessPriority, RefusesWhatMakesNoSense) {
    apart([] {
        const int before = niceNow();
        using Options = std::map<std::string, std::string>;
        for (const Options& options :
             {Options{{"nice", "20"}}, Options{{"nice", "19"}, {"ionice", "realtime"}}}) {
            expectError(ErrorCode::invalidArgument, [&] { giveWay("backup", options); });
        }
        EXPECT_EQ(niceNow(), before);
        giveWay("restore", {});
        EXPECT_EQ(niceNow(), before);
    });
}

}  // namespace
}  // namespace coffer
