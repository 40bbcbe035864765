#include "core/agent/hook_output.h"

#include <gtest/gtest.h>

namespace coffer {
namespace {

using Lines = std::vector<std::string>;

Lines linesOf(const std::string& text, std::size_t step = 7) {
    HookOutput output;
    for (std::size_t at = 0; at < text.size(); at += step) {
        output.feed(bytesOf(std::string_view(text).substr(at, step)));
    }
    EXPECT_EQ(output.octets(), text.size());
    return output.lines();
}

TEST(HookOutput, GivesLines) {
    EXPECT_EQ(linesOf(""), Lines{});
    EXPECT_EQ(linesOf("one\n\ntwo\r\nthree"), (Lines{"one", "two", "three"}));
    EXPECT_EQ(linesOf(std::string(2'500, 'x')),
              (Lines{std::string(1'000, 'x'), std::string(1'000, 'x'), std::string(500, 'x')}));
}

TEST(HookOutput, IsSafeToShow) {
    EXPECT_EQ(linesOf(std::string("a\tb \x1b[31m \0 \xff \\n", 15)),
              (Lines{R"(a b \x1b[31m \x00 \xff \)"}));
    EXPECT_EQ(linesOf(R"(C:\dir\file)"), (Lines{R"(C:\dir\file)"}));
}

TEST(HookOutput, KeepsBeginningAndEndOfMuch) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += "line " + std::to_string(i) + "\n";
    const Lines lines = linesOf(text, 4'096);
    ASSERT_EQ(lines.size(), 2 * HookOutput::mostLines + 1);
    EXPECT_EQ(lines.front(), "line 0");
    EXPECT_EQ(lines[99], "line 99");
    EXPECT_NE(lines[100].find("of " + std::to_string(text.size()) + " octets"), std::string::npos);
    EXPECT_EQ(lines[101], "line 99900");
    EXPECT_EQ(lines.back(), "line 99999");
}

TEST(HookOutput, KeepsFewOfManyShortLines) {
    std::string text;
    for (int i = 0; i < 500; ++i) text += std::to_string(i) + "\n";
    const Lines lines = linesOf(text);
    ASSERT_EQ(lines.size(), 2 * HookOutput::mostLines + 1);
    EXPECT_EQ(lines[99], "99");
    EXPECT_EQ(lines[101], "400");
    EXPECT_EQ(linesOf(text.substr(0, text.find("200\n"))).size(), 200U);
}

TEST(HookOutput, OneLineWithoutEnd) {
    HookOutput output;
    const Bytes much(1 << 20, 'x');
    for (int i = 0; i < 8; ++i) output.feed(much);
    const Lines lines = output.lines();
    std::size_t octets = 0;
    for (const std::string& line : lines) octets += line.size();
    EXPECT_LT(octets, 2 * HookOutput::kept + 200);
    EXPECT_GT(octets, 2 * HookOutput::kept - 200);
    EXPECT_EQ(output.octets(), 8U << 20);
}

}  // namespace
}  // namespace coffer
