// Words of the command line: places, durations.

#include <gtest/gtest.h>

#include "management_panel/cli/agent_path.h"
#include "management_panel/cli/duration.h"
#include "tests/support/expect_error.h"

namespace coffer::cli {
namespace {

TEST(AgentPaths, areCutAtTheFirstColon) {
    EXPECT_EQ(agentPath("laptop:/a:b/c"), (AgentPath{"laptop", "/a:b/c"}));
    EXPECT_EQ(agentPath("laptop:/"), (AgentPath{"laptop", "/"}));
    EXPECT_EQ(agentPath("laptop://a///b/"), (AgentPath{"laptop", "/a/b"}));
    EXPECT_EQ(agentPath("laptop:/a").text(), "laptop:/a");
}

TEST(AgentPaths, refuseWhatLeadsNowhere) {
    for (const char* text : {"", "laptop", ":/a", "laptop:", "laptop:a", "laptop:/a/../b",
                             "laptop:/./b", "/a:b", "a/b:/c"}) {
        SCOPED_TRACE(text);
        expectError(ErrorCode::invalidArgument, [&] { agentPath(text); });
        std::string word = text;
        EXPECT_NE(checkAgentPath(word), "");
    }
    expectError(
        ErrorCode::invalidArgument, [] { agentPath("lap\x1btop"); }, "lap\\x1btop");
}

TEST(Places, areHereOrAtAnAgent) {
    EXPECT_EQ(placeOf("laptop:/a").agent, "laptop");
    EXPECT_EQ(placeOf("laptop:/a").path, "/a");
    for (const char* text : {"a", "./a:b", "/a:b", "a/b:c", "."}) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(placeOf(text).agent);
        EXPECT_EQ(placeOf(text).path, text);
    }
    expectError(ErrorCode::invalidArgument, [] { placeOf(""); });
    expectError(ErrorCode::invalidArgument, [] { placeOf("laptop:a"); });
}

TEST(Durations, haveUnits) {
    EXPECT_EQ(secondsIn("90"), 90U);
    EXPECT_EQ(secondsIn("90s"), 90U);
    EXPECT_EQ(secondsIn("15m"), 900U);
    EXPECT_EQ(secondsIn("24h"), 86'400U);
    EXPECT_EQ(secondsIn("7d"), 604'800U);
    EXPECT_EQ(secondsIn("366d"), 366U * 86'400);
}

TEST(Durations, refuseWhatIsNone) {
    for (const char* text : {"", "0", "0h", "-1h", "1w", "1.5h", "1 h", "h", "367d", "4294967296",
                             "99999999999999999999d", "1hh"}) {
        SCOPED_TRACE(text);
        expectError(ErrorCode::invalidArgument, [&] { secondsIn(text); });
        std::string word = text;
        EXPECT_NE(checkDuration(word), "");
    }
}

}  // namespace
}  // namespace coffer::cli
