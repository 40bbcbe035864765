#include "core/rpc/convert.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/support/expect_error.h"

namespace coffer::rpc {
namespace {

using TestId = Id<4, struct TestIdTag>;

TEST(Convert, OctetsComeBack) {
    const Bytes data = {0, 1, 255};
    const Coffer::Octets octets = toOctets(ByteView(data));
    EXPECT_EQ(toBytes(octets), data);
    EXPECT_EQ(viewOf(octets).data(), octets.get_buffer());
    EXPECT_EQ(toBytes(Coffer::Octets()), Bytes());
}

TEST(Convert, IdsHaveTheirLength) {
    const TestId id{{1, 2, 3, 4}};
    EXPECT_EQ(toId<TestId>(toOctets(id)), id);
    for (const std::size_t length : {0, 3, 5}) {
        expectError(
            ErrorCode::invalidArgument, [&] { toId<TestId>(toOctets(ByteView(Bytes(length)))); },
            std::to_string(length));
    }
}

TEST(Convert, NamesAreOnePart) {
    for (const std::string good : {"a", "..a", "\xff\n", "a\\b", " "}) {
        EXPECT_EQ(toName(toPath(good)), good);
    }
    const std::string bad[] = {
        "", ".", "..", "a/b", "/", std::string("a\0b", 3), std::string(longestName + 1, 'x')};
    for (const std::string& name : bad) {
        const auto error = errorOf([&] { toName(toPath(name)); });
        ASSERT_TRUE(error) << name.size();
        EXPECT_EQ(error->code(), ErrorCode::invalidArgument);
        EXPECT_LT(std::string(error->what()).size(), 1000U);
    }
    EXPECT_EQ(toName(toPath(std::string(longestName, 'x'))).size(), longestName);
}

TEST(Convert, PathsAreAbsoluteAndNormal) {
    for (const std::string good : {"/", "/a", "/a/b", "/..a/b..", "/\xff/\n"}) {
        EXPECT_EQ(toAbsolutePath(toPath(good)), good);
        EXPECT_EQ(textOf(toPath(good)), good);
    }
    const std::string bad[] = {"",       "a",
                               "a/b",    "//",
                               "/a/",    "/a//b",
                               "/a/./b", "/..",
                               "/a/..",  std::string("/a\0", 3),
                               "/.",     "./a",
                               "../a",   "/" + std::string(longestPath, 'x')};
    for (const std::string& path : bad) {
        const auto error = errorOf([&] { toAbsolutePath(toPath(path)); });
        ASSERT_TRUE(error) << path.substr(0, 20);
        EXPECT_EQ(error->code(), ErrorCode::invalidArgument);
        EXPECT_LT(std::string(error->what()).size(), 1000U);
    }
    const std::string longest = "/" + std::string(longestPath - 1, 'x');
    EXPECT_EQ(toAbsolutePath(toPath(longest)), longest);
}

TEST(Convert, WhatIsRefusedIsShownPrintable) {
    const auto error = errorOf([&] { toAbsolutePath(toPath("a\x1b[31m")); });
    ASSERT_TRUE(error);
    EXPECT_NE(std::string(error->what()).find("\\x1b[31m"), std::string::npos) << error->what();
}

TEST(Convert, SequencesComeBack) {
    const std::vector<std::string> paths = {"/a", "/b/c"};
    EXPECT_EQ(toAbsolutePaths(toPaths(paths)), paths);
    const std::vector<std::string> texts = {"", "text", "ä"};
    EXPECT_EQ(toTexts(toStrings(texts)), texts);
    Coffer::Paths many;
    many.length(100'001);
    expectError(
        ErrorCode::invalidArgument, [&] { toAbsolutePaths(many); }, "100001");
}

TEST(Convert, SettingsComeBackAndAreThereOnce) {
    const SettingMap map = {{"a", "1"}, {"b", ""}};
    EXPECT_EQ(toMap(toSettings(map)), map);
    Coffer::Settings twice = toSettings(map);
    twice[1].name = "a";
    expectError(
        ErrorCode::invalidArgument, [&] { toMap(twice); }, "'a'");
    Coffer::Settings many;
    many.length(4'097);
    expectError(ErrorCode::invalidArgument, [&] { toMap(many); });
}

TEST(Convert, NumbersAndTruthsAreReadStrictly) {
    const SettingMap map = {{"n", "12"},
                            {"most", "18446744073709551615"},
                            {"over", "18446744073709551616"},
                            {"sign", "-1"},
                            {"tail", "1x"},
                            {"empty", ""},
                            {"hex", "0x1"},
                            {"yes", "yes"},
                            {"no", "no"},
                            {"true", "true"}};
    EXPECT_EQ(numberIn(map, "n", 5), 12U);
    EXPECT_EQ(numberIn(map, "most", 5), ~std::uint64_t{0});
    EXPECT_EQ(numberIn(map, "absent", 5), 5U);
    for (const char* name : {"over", "sign", "tail", "empty", "hex"}) {
        expectError(
            ErrorCode::invalidArgument, [&] { numberIn(map, name, 5); }, name);
    }
    EXPECT_TRUE(truthIn(map, "yes", false));
    EXPECT_FALSE(truthIn(map, "no", true));
    EXPECT_TRUE(truthIn(map, "absent", true));
    EXPECT_FALSE(truthIn(map, "absent", false));
    expectError(
        ErrorCode::invalidArgument, [&] { truthIn(map, "true", false); }, "'true'");
}

TEST(Convert, MomentsComeBack) {
    for (const Timestamp time : {Timestamp{0, 0}, {-5, 999'999'999}, {1LL << 40, 1}}) {
        EXPECT_EQ(toTimestamp(toMoment(time)), time);
    }
    Coffer::Moment moment = toMoment({1, 1'000'000'000});
    expectError(ErrorCode::invalidArgument, [&] { toTimestamp(moment); });
    EXPECT_EQ(unknownMoment().seconds, Coffer::unknownSeconds);
    expectError(ErrorCode::invalidArgument, [&] { toTimestamp(unknownMoment()); });
}

}  // namespace
}  // namespace coffer::rpc
