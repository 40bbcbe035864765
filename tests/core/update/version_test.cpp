#include "core/update/version.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TEST(Version, comesBackAsText) {
    for (const char* text : {"0.0.0", "1.4.0", "10.20.30", "999999.0.1"}) {
        EXPECT_EQ(Version::parse(text).text(), text);
    }
}

TEST(Version, isOrderedByNumbersAndNotByText) {
    EXPECT_LT(Version::parse("1.9.0"), Version::parse("1.10.0"));
    EXPECT_LT(Version::parse("1.10.9"), Version::parse("2.0.0"));
    EXPECT_LT(Version(), Version::parse("0.0.1"));
    EXPECT_EQ(Version::parse("1.2.3"), Version::parse("1.2.3"));
}

TEST(Version, refusesEverythingElse) {
    for (const char* text :
         {"", "1", "1.2", "1.2.", "1.2.3.4", "1.2.3 ", " 1.2.3", "1.2.x", "01.2.3", "1.-2.3",
          "+1.2.3", "1.2.1000000", "99999999999.0.0", "1..3", "../../x"}) {
        expectError(ErrorCode::invalidArgument, [&] { Version::parse(text); });
    }
}

}  // namespace
}  // namespace coffer
