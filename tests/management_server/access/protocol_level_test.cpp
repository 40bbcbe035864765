#include "management_server/access/protocol_level.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TEST(ProtocolLevel, ServesTwoLevelsBack) {
    EXPECT_EQ(oldestLevel(5), 3);
    EXPECT_EQ(oldestLevel(2), 1);
    EXPECT_EQ(oldestLevel(1), 1);
    for (const int level : {3, 4, 5}) checkLevel(level, 5);
    checkLevel(1, 1);
}

TEST(ProtocolLevel, RefusesOlderAndNewerPrograms) {
    expectError(
        ErrorCode::unsupported, [] { checkLevel(2, 5); }, "update it");
    expectError(
        ErrorCode::unsupported, [] { checkLevel(6, 5); }, "update the server");
    expectError(ErrorCode::unsupported, [] { checkLevel(0, 1); });
    expectError(ErrorCode::unsupported, [] { checkLevel(2, 1); });
    for (const auto level :
         {std::numeric_limits<std::int32_t>::min(), -1, std::numeric_limits<std::int32_t>::max()}) {
        expectError(ErrorCode::unsupported, [&] { checkLevel(level, 5); });
        expectError(ErrorCode::unsupported, [&] { commonLevel(level, 5); });
    }
}

TEST(ProtocolLevel, IsTheLowerOneOfTwoThatAreClose) {
    EXPECT_EQ(commonLevel(3, 5), 3);
    EXPECT_EQ(commonLevel(5, 5), 5);
    EXPECT_EQ(commonLevel(6, 5), 5);
    EXPECT_EQ(commonLevel(7, 5), 5);
    EXPECT_EQ(commonLevel(3, 1), 1);
    expectError(ErrorCode::unsupported, [] { commonLevel(2, 5); });
    expectError(ErrorCode::unsupported, [] { commonLevel(8, 5); });
    expectError(ErrorCode::unsupported, [] { commonLevel(0, 1); });
}

}  // namespace
}  // namespace coffer
