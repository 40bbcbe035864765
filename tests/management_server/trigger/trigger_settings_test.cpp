#include "management_server/trigger/trigger_settings.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

struct TriggerSettingsTest : testing::Test {
    std::optional<TriggerSettings> read(const std::string& text) {
        std::ofstream(folder / "ini") << "[trigger]\n" << text;
        return TriggerSettings::read(SettingsFile(folder / "ini", TriggerSettings::rules()));
    }

    ScratchFolder folder;
};

TEST_F(TriggerSettingsTest, NobodyListensUnlessSomebodySaysSo) {
    EXPECT_FALSE(read(""));
    EXPECT_FALSE(read("tls = yes\n"));
}

TEST_F(TriggerSettingsTest, AreOfTlsUnlessSomebodySaysSo) {
    const auto settings = read("listen = 0.0.0.0\n");
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->listen.text(), "0.0.0.0:2425");
    EXPECT_TRUE(settings->tls);
    EXPECT_FALSE(read("listen = 127.0.0.1:80\ntls = no\n")->tls);
    expectError(
        ErrorCode::invalidArgument, [&] { read("listen = 0.0.0.0\ntls = no\n"); }, "trigger.tls");
    expectError(
        ErrorCode::invalidArgument, [&] { read("listen = a:b\n"); }, "trigger.listen");
}

}  // namespace
}  // namespace coffer
