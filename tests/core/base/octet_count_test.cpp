#include "core/base/octet_count.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TEST(OctetCount, HasUnitsOfAThousand) {
    EXPECT_EQ(octetCount("0"), 0U);
    EXPECT_EQ(octetCount("512"), 512U);
    EXPECT_EQ(octetCount("500K"), 500'000U);
    EXPECT_EQ(octetCount("20M"), 20'000'000U);
    EXPECT_EQ(octetCount("4G"), 4'000'000'000U);
    EXPECT_EQ(octetCount("1000T"), 1'000'000'000'000'000U);
}

TEST(OctetCount, RefusesWhatIsNone) {
    for (const char* text : {"", "K", "-1", "1.5G", "4g", "4GB", " 4", "4 G", "1001T", "big",
                             "99999999999999999999"}) {
        EXPECT_FALSE(findOctetCount(text)) << text;
        expectError(
            ErrorCode::invalidArgument, [&] { octetCount(text); }, "write 500K, 20M or 4G");
    }
}

}  // namespace
}  // namespace coffer
