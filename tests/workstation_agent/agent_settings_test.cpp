#include "workstation_agent/agent_settings.h"

#include <gtest/gtest.h>

namespace coffer {
namespace {

class AgentSettingsTest : public testing::Test {
  protected:
    std::string taken(const std::map<std::string, std::string>& given) {
        refused.clear();
        return settings.taken(given, [&](const Error& error) { refused.push_back(error.what()); })
            .text();
    }

    AgentSettings settings;
    std::vector<std::string> refused;
};

TEST_F(AgentSettingsTest, AServerGivesWhatTheFileDoesNotSet) {
    const std::map<std::string, std::string> given{
        {"runs.at-once", "4"}, {"log.level", "debug"}, {"allow.write", "/"}};
    EXPECT_EQ(taken(given), "runs.at-once=4 log.level=debug");
    settings.chosen = {"log.level"};
    EXPECT_EQ(taken(given), "runs.at-once=4");
    settings.chosen = {"log.level", "runs.at-once"};
    EXPECT_EQ(taken(given), "");
    EXPECT_TRUE(refused.empty());
}

TEST_F(AgentSettingsTest, AServerSilencesNoLog) {
    EXPECT_EQ(taken({{"log.level", "error"}}), "log.level=info");
    settings.log.level = LogLevel::debug;
    EXPECT_EQ(taken({{"log.level", "warning"}}), "log.level=debug");
}

TEST_F(AgentSettingsTest, WhatMakesNoSenseLeavesTheOthersAlone) {
    EXPECT_EQ(taken({{"runs.at-once", "4"}, {"log.level", "loud"}}), "runs.at-once=4");
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_NE(refused[0].find("log.level"), std::string::npos);
    EXPECT_EQ(taken({{"runs.at-once", "65"}, {"log.level", "debug"}}), "log.level=debug");
}

}  // namespace
}  // namespace coffer
