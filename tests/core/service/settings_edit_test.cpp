#include <gtest/gtest.h>

#include "core/service/settings_file.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TEST(SettingsEdit, ChangesALine) {
    EXPECT_EQ(SettingsFile::edited("[a]\nx = 1\ny=2\n[b]\nx = 3\n", "a.x", "9"),
              "[a]\nx = 9\ny=2\n[b]\nx = 3\n");
    EXPECT_EQ(SettingsFile::edited("[a]\nx = 1\n[b]\nx = 3\n", "b.x", ""),
              "[a]\nx = 1\n[b]\nx = \n");
}

TEST(SettingsEdit, TakesTheLineThatIsCommentedOut) {
    EXPECT_EQ(SettingsFile::edited("[a]\n; about x\n;x = 1\n", "a.x", "9"),
              "[a]\n; about x\nx = 9\n");
    EXPECT_EQ(SettingsFile::edited("[a]\n;x = 1\nx = 2\n", "a.x", "9"), "[a]\n;x = 1\nx = 9\n");
}

TEST(SettingsEdit, AddsWhatIsMissing) {
    EXPECT_EQ(SettingsFile::edited("[a]\ny = 1\n", "a.x", "9"), "[a]\nx = 9\ny = 1\n");
    EXPECT_EQ(SettingsFile::edited("[b]\nx = 1", "a.x", "9"), "[b]\nx = 1\n[a]\nx = 9\n");
    EXPECT_EQ(SettingsFile::edited("", "a.x", "9"), "[a]\nx = 9\n");
}

TEST(SettingsEdit, WhatItMakesIsRead) {
    const std::vector<SettingRule> rules = {{"a.x", "1", "About x."}, {"a.long", "2", "More."}};
    std::string text = SettingsFile::commented(rules);
    text = SettingsFile::edited(text, "a.x", "/r, /s");
    EXPECT_EQ(text, SettingsFile::commented(rules, {{"a.x", "/r, /s"}}));
}

TEST(SettingsEdit, AValueHasOneLine) {
    expectError(ErrorCode::invalidArgument,
                [] { SettingsFile::edited("[a]\n", "a.x", "1\n[b]\ny = 2"); });
}

}  // namespace
}  // namespace coffer
