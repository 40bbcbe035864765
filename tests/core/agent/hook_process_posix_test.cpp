#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "core/agent/hook_process.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

/// Small shell scripts as hooks.
class HookProcessTest : public testing::Test {
  protected:
    HookProcessTest() { ::signal(SIGPIPE, SIG_IGN); }

    HookCall hook(const std::string& script) {
        const std::string path = scratch_ / "hook";
        std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
        ::chmod(path.c_str(), 0700);
        HookCall call;
        call.words = {path};
        call.environment = {"PATH=/usr/bin:/bin", "COFFER_RUN=7"};
        call.timeLimit = 60s;
        call.grace = 200ms;
        call.patience = [] { return 24h; };
        return call;
    }
    HookEnd run(const std::string& script) { return runHook(hook(script)); }

    ScratchFolder scratch_;
};

TEST_F(HookProcessTest, TellsOutputAndEnd) {
    const HookEnd end = run("echo out; echo err >&2; exit 0");
    EXPECT_TRUE(end.succeeded);
    EXPECT_EQ(end.how, "exit code 0");
    EXPECT_EQ(end.lines, (Lines{"out", "err"}));
    EXPECT_EQ(end.octets, 8U);
    const HookEnd bad = run("exit 3");
    EXPECT_FALSE(bad.succeeded);
    EXPECT_EQ(bad.how, "exit code 3");
    const HookEnd killed = run("kill -9 $$");
    EXPECT_FALSE(killed.succeeded);
    EXPECT_NE(killed.how.find("signal 9"), std::string::npos);
}

TEST_F(HookProcessTest, GivesArgumentsAndNothingOfTheAgents) {
    ::setenv("SECRET", "x", 1);
    HookCall call = hook("echo \"$1|$2|$#\"; env | sort; pwd; cat");
    call.words.insert(call.words.end(), {"a b", "$HOME"});
    const HookEnd end = runHook(call);
    ::unsetenv("SECRET");
    EXPECT_EQ(end.lines.front(), "a b|$HOME|2");
    EXPECT_EQ(end.lines.back(), "/");
    EXPECT_NE(std::ranges::find(end.lines, "COFFER_RUN=7"), end.lines.end());
    EXPECT_EQ(std::ranges::count_if(end.lines,
                                    [](const std::string& line) {
                                        return line.starts_with("SECRET") ||
                                               line.starts_with("HOME=");
                                    }),
              0);
}

TEST_F(HookProcessTest, EndsOneThatHangs) {
    HookCall call = hook("echo begun; sleep 60; echo over");
    call.timeLimit = 200ms;
    const HookEnd end = runHook(call);
    EXPECT_FALSE(end.succeeded);
    EXPECT_NE(end.how.find("its time limit"), std::string::npos) << end.how;
    EXPECT_EQ(end.lines, Lines{"begun"});
}

TEST_F(HookProcessTest, KillsOneThatDoesNotListen) {
    HookCall call = hook("trap '' TERM; while true; do sleep 0.05; done");
    call.timeLimit = 200ms;
    EXPECT_FALSE(runHook(call).succeeded);
}

TEST_F(HookProcessTest, EndsWhenNobodyHasPatienceAnyMore) {
    HookCall call = hook("echo begun; sleep 60");
    call.patience = [] { return 0ms; };
    const HookEnd end = runHook(call);
    EXPECT_FALSE(end.succeeded);
    EXPECT_EQ(end.how, "stopped before its time was over");
}

// The pipe stays open, and the process that holds it in the hook's group.
TEST_F(HookProcessTest, DoesNotWaitForGrandchildren) {
    const std::string mark = scratch_ / "mark";
    const HookEnd end = run("(sleep 0.5; echo late > " + mark + ") & echo over");
    EXPECT_TRUE(end.succeeded);
    EXPECT_EQ(end.lines, Lines{"over"});
    EXPECT_FALSE(std::filesystem::exists(mark));
    const HookEnd apart = run("setsid sleep 2 & sleep 0.1; echo over");
    EXPECT_TRUE(apart.succeeded);
}

TEST_F(HookProcessTest, ReadsAllOfOneThatPrintsMuch) {
    const HookEnd end = run("head -c 20000000 /dev/zero | tr '\\0' x; echo; echo over");
    EXPECT_TRUE(end.succeeded);
    EXPECT_EQ(end.octets, 20'000'006U);
    EXPECT_EQ(end.lines.back(), "over");
}

TEST_F(HookProcessTest, ThatIsNoProgram) {
    HookCall call = hook("");
    call.words = {scratch_ / "nothing"};
    expectError(ErrorCode::notFound, [&] { runHook(call); });
}

}  // namespace
}  // namespace coffer
