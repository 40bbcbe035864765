#include "core/base/mail_address.h"

#include <gtest/gtest.h>

#include <string>

namespace coffer {
namespace {

TEST(MailAddress, HasTwoSidesAndNothingOfAHeader) {
    for (const char* good : {"ann@example.org", "a+b@[192.0.2.1]", "x@y"}) {
        EXPECT_TRUE(isMailAddress(good)) << good;
    }
    for (const char* bad : {"", "ann", "@example.org", "ann@", "a@b@c", "a b@c", "a@b\r\nDATA",
                            "<a@b>", "a@b,c", "a\"@b", "a@b(c)"}) {
        EXPECT_FALSE(isMailAddress(bad)) << bad;
    }
    EXPECT_FALSE(isMailAddress(std::string(250, 'a') + "@b.org"));
}

}  // namespace
}  // namespace coffer
