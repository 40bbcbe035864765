#include "core/console/command_line.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "core/base/error.h"
#include "core/console/exit_codes.h"

namespace coffer {
namespace {

class CommandLine : public testing::Test {
  protected:
    CommandLine() {
        dressProgram(app_, "prog", "1.2");
        auto* outer = app_.add_subcommand("outer", "With verbs of its own");
        outer->require_subcommand(1);
        outer->add_subcommand("inner", "One")->add_option("NAME", name_)->required();
        auto* plain = app_.add_subcommand("plain", "Two");
        plain->add_option("--tag,-t", tags_)->allow_extra_args(false);
        plain->add_option("WORD", name_);
        plain->add_flag("--preview", preview_);
        app_.add_flag("--json", json_);
        groupVerbs(app_);
    }

    std::optional<int> parse(std::vector<std::string> words) {
        testing::internal::CaptureStderr();
        testing::internal::CaptureStdout();
        const auto code = parseWords(app_, std::move(words));
        output_ = testing::internal::GetCapturedStdout();
        error_ = testing::internal::GetCapturedStderr();
        return code;
    }

    CLI::App app_{"A program."};
    std::string name_;
    std::vector<std::string> tags_;
    bool preview_ = false;
    bool json_ = false;
    std::string output_;
    std::string error_;
};

TEST_F(CommandLine, goesOnWithAVerb) {
    EXPECT_EQ(parse({"outer", "inner", "x"}), std::nullopt);
    EXPECT_EQ(name_, "x");
}

TEST_F(CommandLine, helpAndVersionAreSuccess) {
    EXPECT_EQ(parse({"--version"}), exitSuccess);
    EXPECT_EQ(output_, "prog 1.2\n");
    EXPECT_EQ(parse({"plain", "--help"}), exitSuccess);
}

TEST_F(CommandLine, saysWhatIsWrongAndWhereToReadOn) {
    EXPECT_EQ(parse({}), exitUsage);
    EXPECT_EQ(error_, "prog: say what to do; see prog --help\n");
    EXPECT_EQ(parse({"n\x1bone"}), exitUsage);
    EXPECT_EQ(error_, "prog: there is no verb 'n\\x1bone'; see prog --help\n");
    EXPECT_EQ(parse({"outer"}), exitUsage);
    EXPECT_EQ(error_, "prog: say what to do; see prog outer --help\n");
    EXPECT_EQ(parse({"outer", "inner"}), exitUsage);
    EXPECT_EQ(error_, "prog: NAME is required; see prog outer inner --help\n");
}

TEST_F(CommandLine, anOptionWithoutItsValueSwallowsNone) {
    EXPECT_EQ(parse({"plain", "--tag", "--preview"}), exitUsage);
    EXPECT_EQ(error_,
              "prog: --tag needs a value, and --preview is an option; see prog plain --help\n");
    EXPECT_EQ(parse({"plain", "-t", "--json"}), exitUsage);
    EXPECT_EQ(parse({"plain", "--tag", "--tag", "x"}), exitUsage);
    EXPECT_EQ(parse({"plain", "--tag=--preview", "-t", "-other", "--tag", "--more"}), std::nullopt);
    EXPECT_EQ(tags_, (std::vector<std::string>{"--preview", "-other", "--more"}));
    EXPECT_FALSE(preview_);
    EXPECT_EQ(parse({"plain", "--tag", "a", "--preview"}), std::nullopt);
    EXPECT_TRUE(preview_);
    EXPECT_EQ(parse({"plain", "--", "--tag"}), std::nullopt);
    EXPECT_EQ(name_, "--tag");
}

TEST(RunJob, tellsWhatIsThrownAndGivesAnExitCode) {
    const auto run = [](bool json, const std::function<int()>& job) {
        testing::internal::CaptureStderr();
        const int code = runJob("program", json, job);
        return std::pair(code, testing::internal::GetCapturedStderr());
    };
    EXPECT_EQ(run(false, [] { return 7; }), std::pair(7, std::string()));
    const auto busy = []() -> int { throw Error(ErrorCode::busy, "is in use"); };
    EXPECT_EQ(run(false, busy), std::pair(int{exitBusy}, std::string("program: is in use\n")));
    EXPECT_EQ(run(true, busy).second.front(), '{');
    const auto defect = []() -> int { throw std::runtime_error("a defect"); };
    EXPECT_EQ(run(false, defect), std::pair(int{exitFailed}, std::string("program: a defect\n")));
}

}  // namespace
}  // namespace coffer
