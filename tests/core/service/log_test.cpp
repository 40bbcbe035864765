#include "core/service/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/trust/private_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

std::string lineOf(const std::string& value) {
    return logLine("T", LogLevel::info, "e", {{"k", value}});
}

TEST(LogLine, HasTimeLevelEventAndFields) {
    EXPECT_EQ(logLine("T", LogLevel::warning, "agent.lost", {{"agent", "w7"}, {"after", "90"}}),
              "time=T level=warning event=agent.lost agent=w7 after=90");
}

TEST(LogLine, QuotesWhatWouldBeMisread) {
    EXPECT_THAT(lineOf("plain"), EndsWith(" k=plain"));
    EXPECT_THAT(lineOf(""), EndsWith(" k=\"\""));
    EXPECT_THAT(lineOf("two words"), EndsWith(" k=\"two words\""));
    EXPECT_THAT(lineOf("a=b"), EndsWith(" k=\"a=b\""));
    EXPECT_THAT(lineOf("say \"x\""), EndsWith(" k=\"say \\\"x\\\"\""));
}

TEST(LogLine, CannotBeForgedFromOutside) {
    EXPECT_THAT(lineOf("a\ntime=T level=info event=forged"), Not(HasSubstr("\n")));
    EXPECT_THAT(lineOf("a\r\x1b[2J"), EndsWith(" k=a\\x0d\\x1b[2J"));
    EXPECT_THAT(lineOf("a\\\" event=forged"), EndsWith(" k=\"a\\\\\\\" event=forged\""));
}

TEST(LogLine, CutsLongValues) {
    EXPECT_THAT(lineOf(std::string(2000, 'x')), EndsWith(std::string(2000, 'x')));
    EXPECT_THAT(lineOf(std::string(2001, 'x')), EndsWith(" k=" + std::string(2000, 'x') + "..."));
}

TEST(LogLevel, ComesBackFromItsName) {
    for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
        EXPECT_EQ(logLevelOf(nameOf(level)), level);
    }
    expectError(ErrorCode::invalidArgument, [] { logLevelOf("loud"); });
}

class LogFile : public testing::Test {
  protected:
    ~LogFile() override { openLog({}); }

    std::string content() { return readTextFile(path_); }

    const ScratchFolder folder_;
    const std::string path_ = folder_ / "log";
};

TEST_F(LogFile, TakesLinesFromItsLevelUp) {
    openLog({.level = LogLevel::warning, .file = path_});
    log(LogLevel::info, "quiet");
    log(LogLevel::warning, "loud", {{"n", "1"}});
    EXPECT_THAT(content(), MatchesRegex("time=[0-9T:.-]+Z level=warning event=loud n=1\n"));
}

TEST_F(LogFile, GoesOnWhereItWas) {
    openLog({.file = path_});
    log(LogLevel::info, "first");
    openLog({.file = path_});
    log(LogLevel::info, "second");
    EXPECT_THAT(content(), HasSubstr("event=first"));
    EXPECT_THAT(content(), HasSubstr("event=second"));
}

TEST_F(LogFile, IsSetAsideWhenItIsLargeAndAFewAreKept) {
    openLog({.file = path_, .rotateBytes = 4096, .keep = 2});
    for (int i = 0; i < 100; ++i) log(LogLevel::info, "e", {{"text", std::string(1000, 'x')}});
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
        EXPECT_LE(entry.file_size(), 4096u + 2000u);
        ++files;
    }
    EXPECT_GE(files, 2u);
    EXPECT_LE(files, 3u);
}

TEST_F(LogFile, IsAnotherOneAfterItWasMoved) {
    openLog({.level = LogLevel::warning, .file = path_});
    log(LogLevel::warning, "first");
    std::filesystem::rename(path_, path_ + ".old");
    reopenLog();
    log(LogLevel::warning, "second");
    log(LogLevel::info, "unsaid");
    EXPECT_THAT(content(), MatchesRegex("time=[^\n]* event=second\n"));
}

TEST_F(LogFile, StaysWhereItCannotBeOpenedAgain) {
    openLog({.file = path_});
    std::filesystem::rename(path_, path_ + ".old");
    std::filesystem::create_directory(path_);
    reopenLog();
    EXPECT_THAT(readTextFile(path_ + ".old"), HasSubstr("log.not-reopened"));
}

TEST_F(LogFile, ThatCannotBeOpenedIsAnError) {
    expectError(ErrorCode::ioError, [&] { openLog({.file = folder_ / "none/log"}); });
}

}  // namespace
}  // namespace coffer
