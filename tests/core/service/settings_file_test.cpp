#include "core/service/settings_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<SettingRule> rules = {
    {"server.listen", "0.0.0.0:2424", "Where it listens."},
    {"server.hosts", "", "Names.\nSeparated by commas."},
    {"runs.at-once", "4", "How many."},
    {"runs.eager", "no", "Whether."},
};

class SettingsFileTest : public testing::Test {
  protected:
    SettingsFile read(const std::string& text) {
        std::ofstream(path_) << text;
        return SettingsFile(path_, rules);
    }

    void expectRefused(const std::string& text, const std::string& says) {
        expectError(
            ErrorCode::invalidArgument, [&] { read(text); }, says);
    }

    const ScratchFolder folder_;
    const std::string path_ = folder_ / "x.ini";
};

TEST_F(SettingsFileTest, GivesDefaultsWithoutAFile) {
    for (const std::string& path : {std::string(), folder_ / "none.ini"}) {
        const SettingsFile settings(path, rules);
        EXPECT_EQ(settings.text("server.listen"), "0.0.0.0:2424");
        EXPECT_THAT(settings.list("server.hosts"), IsEmpty());
        EXPECT_EQ(settings.number("runs.at-once"), 4u);
        EXPECT_FALSE(settings.truth("runs.eager"));
    }
}

TEST_F(SettingsFileTest, ReadsWhatIsSet) {
    const auto settings = read(
        "; a comment\n"
        "[server]\n"
        "listen = [::]:99\n"
        "hosts = a, b.example.net ,,c\n"
        "[runs]\n"
        "eager = yes\n");
    EXPECT_EQ(settings.text("server.listen"), "[::]:99");
    EXPECT_THAT(settings.list("server.hosts"), ElementsAre("a", "b.example.net", "c"));
    EXPECT_TRUE(settings.truth("runs.eager"));
    EXPECT_EQ(settings.number("runs.at-once"), 4u);
}

TEST_F(SettingsFileTest, TakesValuesLiterally) {
    EXPECT_EQ(read("[server]\nlisten = ${HOME}\n").text("server.listen"), "${HOME}");
}

TEST_F(SettingsFileTest, RefusesNamesThatItDoesNotKnow) {
    expectRefused("[server]\nlissten = x\n", "server.lissten");
    expectRefused("[other]\nlisten = x\n", "other.listen");
    expectRefused("listen = x\n", "listen");
    expectRefused("[server]\nlisten.more = x\n", "server.listen.more");
    expectRefused("[server]\n# listen = x\n", "comments begin with ';'");
}

TEST_F(SettingsFileTest, RefusesValuesThatDoNotParse) {
    for (const char* value : {"", "x", "1x", "-1", "1.5", "99999999999999999999"}) {
        const auto settings = read("[runs]\nat-once = " + std::string(value) + "\n");
        expectError(
            ErrorCode::invalidArgument, [&] { settings.number("runs.at-once"); }, "runs.at-once");
    }
    const auto settings = read("[runs]\neager = true\nat-once = 11\n");
    expectError(
        ErrorCode::invalidArgument, [&] { settings.truth("runs.eager"); }, "runs.eager");
    EXPECT_EQ(settings.number("runs.at-once", 1, 11), 11u);
    EXPECT_EQ(settings.number("runs.at-once", 11, 12), 11u);
    expectError(
        ErrorCode::invalidArgument, [&] { settings.number("runs.at-once", 1, 10); }, "1 to 10");
    expectError(ErrorCode::invalidArgument, [&] { settings.number("runs.at-once", 12, 13); });
}

TEST_F(SettingsFileTest, WritesAFileToBeginWith) {
    const std::string text = SettingsFile::commented(rules, {{"runs.at-once", "9"}});
    EXPECT_EQ(text,
              "[server]\n\n"
              "; Where it listens.\n;listen = 0.0.0.0:2424\n\n"
              "; Names.\n; Separated by commas.\n;hosts = \n\n"
              "[runs]\n\n"
              "; How many.\nat-once = 9\n\n"
              "; Whether.\n;eager = no\n\n");
    const auto settings = read(text);
    EXPECT_EQ(settings.number("runs.at-once"), 9u);
    EXPECT_EQ(settings.text("server.listen"), "0.0.0.0:2424");
}

TEST_F(SettingsFileTest, IsCheckedByTheRangeOfItsRule) {
    static const std::vector<SettingRule> limited = {
        {"runs.at-once", "4", "How many.", numberForm(1, 10)},
        {"runs.mode", "a", "How.", choiceForm({"a", "b"})}};
    std::ofstream(path_) << "[runs]\nat-once = 11\n";
    const SettingsFile tooMany(path_, limited);
    for (const auto& look : {std::function<void()>([&] { tooMany.checkForms(); }),
                             std::function<void()>([&] { tooMany.number("runs.at-once"); })}) {
        const auto error = errorOf(look);
        ASSERT_TRUE(error);
        const std::string message = error->what();
        for (const char* part : {path_.c_str(), "runs.at-once", "1 to 10"}) {
            EXPECT_NE(message.find(part), message.npos) << message;
        }
    }
    std::ofstream(path_) << "[runs]\nat-once = 10\nmode = c\n";
    expectError(
        ErrorCode::invalidArgument, [&] { SettingsFile(path_, limited).checkForms(); }, "a, b");
}

TEST_F(SettingsFileTest, TakesValuesOverThoseOfTheFile) {
    const SettingsFile file = read("[runs]\nat-once = 3\n");
    const SettingsFile over = file.with({{"runs.at-once", "7"}, {"runs.none", "1"}}, "panel");
    EXPECT_EQ(over.number("runs.at-once"), 7u);
    EXPECT_EQ(over.origin("runs.at-once"), "panel");
    EXPECT_EQ(over.origin("runs.eager"), "");
    EXPECT_EQ(file.number("runs.at-once"), 3u);
}

TEST_F(SettingsFileTest, ReadsValuesOfAText) {
    EXPECT_EQ(SettingsFile::valuesIn("; x\n[runs]\nat-once = 3\n", rules),
              (SettingsFile::Values{{"runs.at-once", "3"}}));
    EXPECT_EQ(SettingsFile::valuesIn("\xef\xbb\xbf[runs]\nat-once = 3\n", rules),
              (SettingsFile::Values{{"runs.at-once", "3"}}));
    for (const std::string& bad :
         {std::string("[runs]\nnone = 1\n"), std::string(70'000, ';'),
          std::string("[runs]\nat-once = 3\nAt-Once=3\n"),
          std::string("\xef\xbb\xbf[runs]\nat-once = 3\n[runs]\nat-once = 3\n"),
          std::string("[runs]\nat-once = 3\n[x]\n[Runs]\n at-once = 4\n")}) {
        expectError(ErrorCode::invalidArgument, [&] { SettingsFile::valuesIn(bad, rules); });
    }
}

}  // namespace
}  // namespace coffer
