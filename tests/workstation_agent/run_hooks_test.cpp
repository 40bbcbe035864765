#include "workstation_agent/run_hooks.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/error.h"

namespace coffer {
namespace {

using namespace std::chrono_literals;

/// Hooks that are scripted; what is run is noted in order.
class RunHooksTest : public testing::Test {
  protected:
    RunHooksTest() {
        order_.run = 7;
        order_.attempt = 2;
        order_.kind = "backup";
        order_.options = {{"task", "office"},
                          {"hook-before", "/hooks/before --all"},
                          {"hook-after-success", "/hooks/success"},
                          {"hook-after-failure", "/hooks/failure"}};
    }

    RunReport around() {
        const RunHooks hooks({[this](const HookCall& call) {
                                  calls_.push_back(call);
                                  done_.push_back(call.words.front());
                                  const auto onHook = onHook_;  // it may set another one
                                  if (onHook) onHook(call);
                                  const auto found = ends_.find(call.words.front());
                                  return found == ends_.end() ? good() : found->second;
                              },
                              [this](const std::string& program) {
                                  if (program != forbidden_) return;
                                  throw Error(ErrorCode::permissionDenied, "not in allow.hooks");
                              }});
        return hooks.around(
            order_, [this] { return wish_; },
            [this] {
                done_.emplace_back("work");
                RunReport report;
                report.result = result_;
                report.problems = {{"/a", "io-error", "bad"}};
                if (throws_) throw Error(ErrorCode::notFound, "no worker");
                return report;
            });
    }
    static HookEnd good() { return {true, "exit code 0", {"said"}, 5}; }
    static HookEnd bad() { return {false, "exit code 3", {"no"}, 3}; }
    std::string valueOf(std::size_t call, const std::string& name) {
        for (const std::string& variable : calls_.at(call).environment) {
            if (variable.starts_with(name + "=")) return variable.substr(name.size() + 1);
        }
        return "none";
    }

    RunOrder order_;
    WorkerResult result_{"succeeded", "", "00112233445566778899aabbccddeeff", {{"problems", 1}}};
    RunWish wish_ = RunWish::goOn;
    std::map<std::string, HookEnd> ends_;
    std::function<void(const HookCall&)> onHook_;
    std::string forbidden_;
    bool throws_ = false;
    std::vector<HookCall> calls_;
    std::vector<std::string> done_;
};

using Texts = std::vector<std::string>;

TEST_F(RunHooksTest, WithoutHooksThereIsTheWorkAlone) {
    order_.options.clear();
    const RunReport report = around();
    EXPECT_EQ(done_, Texts{"work"});
    EXPECT_EQ(report.problems.size(), 1U);
}

TEST_F(RunHooksTest, RunBeforeAndAfterSuccess) {
    const RunReport report = around();
    EXPECT_EQ(done_, (Texts{"/hooks/before", "work", "/hooks/success"}));
    EXPECT_EQ(calls_[0].words, (Texts{"/hooks/before", "--all"}));
    EXPECT_EQ(calls_[0].timeLimit, 10min);
    EXPECT_EQ(report.result.outcome, "succeeded");
    EXPECT_EQ(report.result.counts.at("problems"), 1U);
    ASSERT_EQ(report.problems.size(), 5U);
    EXPECT_EQ(report.problems[0].code, hookCode);
    EXPECT_EQ(report.problems[0].path, "/hooks/before");
    EXPECT_EQ(report.problems[0].message, "hook-before: exit code 0; 5 octets of output");
    EXPECT_EQ(report.problems[1].message, "said");
    EXPECT_EQ(report.problems[4].code, "io-error");
}

TEST_F(RunHooksTest, HearWhatTheyAreAbout) {
    result_.outcome = "warnings";
    around();
    EXPECT_EQ(valueOf(0, "COFFER_RUN"), "7");
    EXPECT_EQ(valueOf(0, "COFFER_ATTEMPT"), "2");
    EXPECT_EQ(valueOf(0, "COFFER_TASK"), "office");
    EXPECT_EQ(valueOf(0, "COFFER_KIND"), "backup");
    EXPECT_EQ(valueOf(0, "COFFER_HOOK"), "before");
    EXPECT_EQ(valueOf(0, "COFFER_RESULT"), "none");
    EXPECT_EQ(valueOf(1, "COFFER_HOOK"), "after-success");
    EXPECT_EQ(valueOf(1, "COFFER_RESULT"), "warnings");
    EXPECT_EQ(valueOf(1, "COFFER_SNAPSHOT"), "00112233445566778899aabbccddeeff");
    order_.options["task"] = "$(rm -rf /)\n";
    calls_.clear();
    around();
    EXPECT_EQ(valueOf(0, "COFFER_TASK"), "none");
}

TEST_F(RunHooksTest, OneThatFailsBeforeKeepsTheRunFromBeginning) {
    ends_["/hooks/before"] = bad();
    const RunReport report = around();
    EXPECT_EQ(done_, (Texts{"/hooks/before", "/hooks/failure"}));
    EXPECT_EQ(report.result.outcome, "failed");
    EXPECT_EQ(report.result.message, "hook-before /hooks/before: exit code 3");
    EXPECT_EQ(report.problems[0].code, hookFailedCode);
    EXPECT_EQ(report.result.counts.at("problems"), 1U);
    EXPECT_EQ(valueOf(1, "COFFER_RESULT"), "failed");
}

TEST_F(RunHooksTest, OneThatIsForbiddenOrNoCommandIsAsOneThatFails) {
    forbidden_ = "/hooks/before";
    RunReport report = around();
    EXPECT_EQ(done_, (Texts{"/hooks/failure"}));
    EXPECT_EQ(report.result.outcome, "failed");
    EXPECT_NE(report.result.message.find("not in allow.hooks"), std::string::npos);
    forbidden_.clear();
    order_.options["hook-before"] = "dump";
    report = around();
    EXPECT_EQ(report.result.outcome, "failed");
    EXPECT_NE(report.result.message.find("absolute path"), std::string::npos);
    order_.options["hook-before"] = "/hooks/before";
    order_.options["hook-time-limit"] = "soon";
    EXPECT_EQ(around().result.outcome, "failed");
}

TEST_F(RunHooksTest, OneThatFailsAfterwardsMakesWarnings) {
    ends_["/hooks/success"] = bad();
    const RunReport report = around();
    EXPECT_EQ(report.result.outcome, "warnings");
    EXPECT_EQ(report.result.snapshot, result_.snapshot);
    EXPECT_EQ(report.result.counts.at("problems"), 2U);
    EXPECT_EQ(std::ranges::count(report.problems, hookFailedCode, &WorkerProblem::code), 1);
}

TEST_F(RunHooksTest, AWorkThatDoesNotSucceedIsFollowedByTheOtherOne) {
    for (const char* outcome : {"failed", "interrupted", "cancelled"}) {
        done_.clear();
        calls_.clear();
        result_.outcome = outcome;
        ends_["/hooks/failure"] = bad();
        EXPECT_EQ(around().result.outcome, outcome);
        EXPECT_EQ(done_, (Texts{"/hooks/before", "work", "/hooks/failure"}));
        EXPECT_EQ(valueOf(1, "COFFER_RESULT"), outcome);
    }
    throws_ = true;
    done_.clear();
    const RunReport report = around();
    EXPECT_EQ(report.result.outcome, "failed");
    EXPECT_EQ(report.result.message, "no worker");
    EXPECT_EQ(done_.back(), "/hooks/failure");
}

TEST_F(RunHooksTest, AWishToEndMakesThemImpatient) {
    onHook_ = [this](const HookCall& call) {
        EXPECT_EQ(call.patience(), 24h);
        wish_ = RunWish::cancel;
        EXPECT_EQ(call.patience(), 0ms);
        onHook_ = [this](const HookCall& after) {
            EXPECT_EQ(after.patience(), 60s);
            wish_ = RunWish::stop;
            EXPECT_EQ(after.patience(), 10s);
        };
    };
    ends_["/hooks/before"] = bad();
    EXPECT_EQ(around().result.outcome, "cancelled");
    EXPECT_EQ(done_, (Texts{"/hooks/before", "/hooks/failure"}));
    done_.clear();
    wish_ = RunWish::stop;
    onHook_ = nullptr;
    EXPECT_EQ(around().result.outcome, "interrupted");
    EXPECT_EQ(valueOf(3, "COFFER_RESULT"), "interrupted");
}

TEST_F(RunHooksTest, ACancelEndsTheOneAfterASuccess) {
    onHook_ = [this](const HookCall& call) {
        if (call.words.front() != "/hooks/success") return;
        wish_ = RunWish::cancel;
        EXPECT_EQ(call.patience(), 0ms);
    };
    ends_["/hooks/success"] = bad();
    EXPECT_EQ(around().result.outcome, "warnings");
}

TEST_F(RunHooksTest, TheTimeLimitIsOfTheOrderAndBounded) {
    const auto limit = [this](const char* text) {
        order_.options["hook-time-limit"] = text;
        calls_.clear();
        around();
        return calls_.at(0).timeLimit;
    };
    EXPECT_EQ(limit("90s"), 90s);
    EXPECT_EQ(limit("0s"), 1s);
    EXPECT_EQ(limit("100d"), 24h);
}

}  // namespace
}  // namespace coffer
