#include "management_server/settings/settled_settings.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

const std::vector<SettingRule> rules = {
    {"mail.server", "", "Where.", {}, SettingUse::atStart},
    {"mail.from", "", "Who.", {}, SettingUse::atStart},
    {"mail.to", "", "Whom.", {}, SettingUse::atStart},
    {"runs.at-once", "4", "How many.", numberForm(1, 10), SettingUse::live},
    {"server.listen", "here", "Where."},
};

// A server needs both addresses.
void check(const SettingsFile& file) {
    if (file.text("mail.server").empty()) return;
    for (const char* name : {"mail.from", "mail.to"}) {
        if (file.text(name).empty()) {
            throw Error(ErrorCode::invalidArgument, std::string(name) + " is needed");
        }
    }
}

SettledSettings settled(const std::map<std::string, std::string>& values) {
    return settle(SettingsFile(std::string(), rules), rules, values, check);
}

TEST(SettledSettings, CountOverTheFiles) {
    const SettledSettings all = settled({{"runs.at-once", "7"}});
    EXPECT_EQ(all.file.number("runs.at-once"), 7U);
    EXPECT_EQ(all.file.origin("runs.at-once"), settingsPanel);
    EXPECT_TRUE(all.refused.empty());
}

TEST(SettledSettings, MayNeedEachOther) {
    const SettledSettings all =
        settled({{"mail.server", "s"}, {"mail.from", "f"}, {"mail.to", "t"}});
    EXPECT_TRUE(all.refused.empty());
    EXPECT_EQ(all.file.text("mail.server"), "s");
}

TEST(SettledSettings, LeaveOutWhatCannotBeUsed) {
    const SettledSettings all = settled({{"mail.server", "s"},
                                         {"mail.from", "f"},
                                         {"runs.at-once", "11"},
                                         {"server.listen", "everywhere"},
                                         {"no.more", "1"}});
    std::string names;
    for (const auto& [name, why] : all.refused) names += name + " ";
    EXPECT_EQ(names, "mail.server no.more runs.at-once server.listen ");
    EXPECT_EQ(all.refused.at("mail.server"), "mail.to is needed");
    EXPECT_NE(all.refused.at("runs.at-once").find("1 to 10"), std::string::npos);
    EXPECT_EQ(all.file.text("mail.server"), "");
    EXPECT_EQ(all.file.text("mail.from"), "f");
    EXPECT_EQ(all.file.number("runs.at-once"), 4U);
    EXPECT_EQ(all.file.text("server.listen"), "here");
}

}  // namespace
}  // namespace coffer
