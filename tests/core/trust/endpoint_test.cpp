#include <gtest/gtest.h>

#include "core/trust/pinned_authority.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TEST(Endpoint, ParsesNamesAndAddresses) {
    EXPECT_EQ(Endpoint::parse("backup.example.net:99").host, "backup.example.net");
    EXPECT_EQ(Endpoint::parse("backup.example.net:99").port, 99);
    EXPECT_EQ(Endpoint::parse("10.0.0.5").port, 2424);
    EXPECT_EQ(Endpoint::parse("10.0.0.5", 7).port, 7);
    EXPECT_EQ(Endpoint::parse("[fd00::2]:65535").host, "fd00::2");
    EXPECT_EQ(Endpoint::parse("[fd00::2]:65535").port, 65535);
    EXPECT_EQ(Endpoint::parse("[::1]").port, 2424);
    EXPECT_EQ(Endpoint::parse("fd00::2").host, "fd00::2");
}

TEST(Endpoint, ComesBackFromItsText) {
    for (const char* text : {"a:1", "10.0.0.5:2424", "[fd00::2]:80", "under_score.x-y:0"}) {
        EXPECT_EQ(Endpoint::parse(text).text(), text);
    }
}

TEST(Endpoint, RefusesWhatIsNoAddress) {
    for (const char* text : {"", ":1", "a:", "a:b", "a:65536", "a:-1", "a:1x", "[::1", "[::1]1",
                             "[]:1", "a b:1", "a/b:1", "a@b:1", "a,b:1", "a%00:1", "\xff:1"}) {
        expectError(ErrorCode::invalidArgument, [&] { Endpoint::parse(text); });
    }
    expectError(ErrorCode::invalidArgument, [] { Endpoint::parse(std::string(256, 'a')); });
}

}  // namespace
}  // namespace coffer
