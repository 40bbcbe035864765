#include "core/service/given_settings.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TEST(GivenSettingsTest, AreReadByTheirNames) {
    const GivenSettings given =
        GivenSettings::of({{"runs.at-once", "64"}, {"log.level", "debug"}, {"allow.write", "/"}});
    EXPECT_EQ(given.atOnce, 64U);
    EXPECT_EQ(given.logLevel, LogLevel::debug);
    EXPECT_EQ(GivenSettings::of({}).atOnce, std::nullopt);
    EXPECT_EQ(GivenSettings::of({}).logLevel, std::nullopt);
    EXPECT_TRUE(GivenSettings::isOne("log.level"));
}

TEST(GivenSettingsTest, NothingThatAnAgentAllowsIsGiven) {
    for (const char* name :
         {"allow.read", "allow.write", "allow.run", "allow.hooks", "allow.update", "updates.keys",
          "runs.worker", "log.file", "server.address"}) {
        EXPECT_FALSE(GivenSettings::isOne(name)) << name;
    }
}

TEST(GivenSettingsTest, ValuesThatMakeNoSenseAreNamed) {
    for (const char* number : {"", "0", "65", "-1", "2x", "99999999999"}) {
        expectError(
            ErrorCode::invalidArgument,
            [&] {
                GivenSettings::of({{"runs.at-once", number}});
            },
            "runs.at-once");
    }
    expectError(
        ErrorCode::invalidArgument,
        [] {
            GivenSettings::of({{"log.level", "loud"}});
        },
        "log.level");
}

}  // namespace
}  // namespace coffer
