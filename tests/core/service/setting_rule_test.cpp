#include "core/service/setting_rule.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

SettingRule rule(SettingForm form, const std::string& usual = "x") {
    return {"a.b", usual, "What it means.", std::move(form), SettingUse::live};
}

TEST(SettingRule, TakesWhatHasItsForm) {
    SettingForm timeOrNothing{SettingType::time};
    timeOrNothing.mayBeEmpty = true;
    struct Case {
        SettingForm form;
        const char* good;
        const char* bad;
    };
    for (const Case& each : std::vector<Case>{{numberForm(2, 10), "2", "11"},
                                              {numberForm(2, 10), "10", "1"},
                                              {numberForm(0, 10), "0", "-1"},
                                              {numberForm(0, 10), "7", "7 "},
                                              {numberForm(0, 10), "7", ""},
                                              {SettingForm{SettingType::truth}, "yes", "true"},
                                              {SettingForm{SettingType::truth}, "no", "No"},
                                              {choiceForm({"on", "off"}), "off", "maybe"},
                                              {SettingForm{SettingType::time}, "07:59", "24:00"},
                                              {SettingForm{SettingType::time}, "23:59", "7:00"},
                                              {SettingForm{SettingType::time}, "00:00", ""},
                                              {timeOrNothing, "", "00:60"},
                                              {SettingForm{SettingType::path}, "/a", "a"}}) {
        EXPECT_NO_THROW(checkSetting(rule(each.form), each.good)) << each.good;
        expectError(
            ErrorCode::invalidArgument, [&] { checkSetting(rule(each.form), each.bad); }, "a.b");
    }
}

TEST(SettingRule, TakesAnEmptyValueWhereThatIsTheDefault) {
    EXPECT_NO_THROW(checkSetting(rule({SettingType::path}, ""), ""));
    expectError(ErrorCode::invalidArgument, [] { checkSetting(rule({SettingType::path}), ""); });
}

TEST(SettingRule, SaysWhatIsAllowed) {
    expectError(
        ErrorCode::invalidArgument, [] { checkSetting(rule(numberForm(1, 60, "minutes")), "90"); },
        "a.b = \"90\" is not a number from 1 to 60 minutes");
    EXPECT_EQ(rule(numberForm(1, 60, "minutes")).doc(), "What it means. 1 to 60 minutes.");
    EXPECT_EQ(rule(choiceForm({"on", "off"})).doc(), "What it means. on, off.");
    EXPECT_EQ(rule({}).doc(), "What it means.");
}

TEST(SettingRule, TakesOneLineThatCanBeShown) {
    for (const std::string& bad : {std::string("a\nb"), std::string("a\x1b[2J"),
                                   std::string(4'097, 'a'), std::string("a\0b", 3)}) {
        expectError(ErrorCode::invalidArgument, [&] { checkSetting(rule({}), bad); });
    }
    EXPECT_NO_THROW(checkSetting(rule({}), std::string(4'096, 'a')));
}

TEST(SettingRule, KnowsWhichLeadsToASecret) {
    for (const char* name : {"mail.password-file", "webhook.secret-file", "metrics.token-file"}) {
        EXPECT_TRUE((SettingRule{name, "", ""}.isSecret())) << name;
    }
    EXPECT_FALSE((SettingRule{"mail.ca-file", "", ""}.isSecret()));
}

}  // namespace
}  // namespace coffer
