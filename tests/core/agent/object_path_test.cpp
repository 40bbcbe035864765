#include "core/agent/object_path.h"

#include <gtest/gtest.h>

#include "core/base/paths.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TEST(ObjectPath, TakesNormalPaths) {
    for (const char* path : {"/", "/a", "/a/b c", "/.hidden/..x/...", "/\xff\xfe/\n"}) {
        EXPECT_FALSE(errorOf([&] { checkObjectPath(path); })) << path;
    }
}

TEST(ObjectPath, RefusesAllOthers) {
    using namespace std::string_literals;
    for (const std::string& path : {""s, "a"s, "a/b"s, "//"s, "/a/"s, "/a//b"s, "/."s, "/a/."s,
                                    "/.."s, "/a/../b"s, "/a\0b"s, "./a"s}) {
        expectError(ErrorCode::invalidArgument, [&] { checkObjectPath(path); });
    }
}

TEST(ObjectPath, BoundsLengthAndWhatItSays) {
    const std::string longest = "/" + std::string(longestObjectPath - 1, 'a');
    EXPECT_FALSE(errorOf([&] { checkObjectPath(longest); }));
    const auto tooLong = errorOf([&] { checkObjectPath(longest + "a"); });
    ASSERT_TRUE(tooLong);
    EXPECT_LT(std::string(tooLong->what()).size(), 200u);
    const auto wrong = errorOf([&] { checkObjectPath(longest.substr(2) + "/../"); });
    ASSERT_TRUE(wrong);
    EXPECT_LT(std::string(wrong->what()).size(), 2000u);
}

TEST(ObjectPath, TakesPathsApart) {
    EXPECT_EQ(parentOfObject("/a/b"), "/a");
    EXPECT_EQ(nameOfObject("/a/b"), "b");
    EXPECT_EQ(parentOfObject("/a"), "/");
    EXPECT_EQ(nameOfObject("/a"), "a");
    EXPECT_EQ(parentOfObject("/"), "/");
    EXPECT_EQ(nameOfObject("/"), "");
}

TEST(ObjectPath, KnowsWhatLiesWithin) {
    EXPECT_TRUE(isWithin("/a/b", "/a"));
    EXPECT_TRUE(isWithin("/a", "/a"));
    EXPECT_TRUE(isWithin("/a", "/"));
    EXPECT_TRUE(isWithin("/", "/"));
    EXPECT_FALSE(isWithin("/ab", "/a"));
    EXPECT_FALSE(isWithin("/", "/a"));
    EXPECT_FALSE(isWithin("/b/a", "/a"));
}

}  // namespace
}  // namespace coffer
