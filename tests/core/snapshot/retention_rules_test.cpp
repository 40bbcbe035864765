#include "core/snapshot/retention_rules.h"

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

TEST(RetentionRules, AreSetByName) {
    RetentionRules rules;
    EXPECT_FALSE(rules.any());
    for (const auto& [name, value] :
         std::initializer_list<std::pair<const char*, const char*>>{{"keep-last", "1"},
                                                                    {"keep-hourly", "2"},
                                                                    {"keep-daily", "3"},
                                                                    {"keep-weekly", "4"},
                                                                    {"keep-monthly", "5"},
                                                                    {"keep-yearly", "1000000"},
                                                                    {"keep-verified", "0"},
                                                                    {"keep-within", "2w"},
                                                                    {"keep-tag", "release"},
                                                                    {"keep-tag", "audit"}}) {
        setRetentionRule(rules, name, value);
    }
    const RetentionRules expected{.last = 1,
                                  .hourly = 2,
                                  .daily = 3,
                                  .weekly = 4,
                                  .monthly = 5,
                                  .yearly = 1'000'000,
                                  .within = 14 * 86400,
                                  .tags = {"release", "audit"},
                                  .keepVerified = 0};
    EXPECT_EQ(rules, expected);
    RetentionRules again;
    for (const auto& [name, value] : retentionSettings(rules)) {
        setRetentionRule(again, name, value);
    }
    EXPECT_EQ(again, rules);
}

TEST(RetentionRules, EachOfThemIsOne) {
    for (const auto& [name, value] :
         std::initializer_list<std::pair<const char*, const char*>>{{"keep-last", "1"},
                                                                    {"keep-hourly", "1"},
                                                                    {"keep-daily", "1"},
                                                                    {"keep-weekly", "1"},
                                                                    {"keep-monthly", "1"},
                                                                    {"keep-yearly", "1"},
                                                                    {"keep-within", "1h"},
                                                                    {"keep-tag", "t"}}) {
        RetentionRules rules;
        setRetentionRule(rules, name, value);
        EXPECT_TRUE(rules.any()) << name;
    }
    RetentionRules guardAlone;
    setRetentionRule(guardAlone, "keep-verified", "5");
    EXPECT_FALSE(guardAlone.any());
}

TEST(RetentionRules, NonsenseIsRefused) {
    RetentionRules rules;
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
             {"keep-last", ""},
             {"keep-last", "-1"},
             {"keep-last", "+1"},
             {"keep-last", " 1"},
             {"keep-last", "1x"},
             {"keep-last", "1000001"},
             {"keep-last", "99999999999999999999"},
             {"keep-tag", ""},
             {"keep-within", "1"},
             {"keep-secondly", "1"},
             {"", "1"}}) {
        expectError(ErrorCode::invalidArgument, [&] { setRetentionRule(rules, name, value); });
    }
    EXPECT_EQ(rules, RetentionRules{});
}

TEST(RetentionRules, LowerIsWhatMayForgetMore) {
    struct Case {
        const char* what;
        RetentionRules before;
        RetentionRules now;
        bool lower;
    };
    const RetentionRules week{.last = 3, .daily = 7};
    for (const Case& each : std::initializer_list<Case>{
             {"the same", week, week, false},
             {"none were set", {}, week, true},
             {"none are set any more", week, {}, false},
             {"none before and after", {}, {}, false},
             {"the guard alone keeps everything", {.keepVerified = 5}, {.keepVerified = 0}, false},
             {"fewer", week, {.last = 3, .daily = 6}, true},
             {"more", week, {.last = 4, .daily = 8}, false},
             {"one more", week, {.last = 3, .daily = 7, .yearly = 1}, false},
             {"one less", week, {.daily = 7}, true},
             {"more of one do not make up for fewer of another",
              week,
              {.last = 100, .daily = 6},
              true},
             {"hours", {.hourly = 2}, {.hourly = 1}, true},
             {"weeks", {.weekly = 2}, {.weekly = 1}, true},
             {"months", {.monthly = 2}, {.monthly = 1}, true},
             {"years", {.yearly = 2}, {.yearly = 1}, true},
             {"shorter", {.within = 7200}, {.within = 3600}, true},
             {"longer", {.within = 3600}, {.within = 7200}, false},
             {"without a time", {.last = 1, .within = 3600}, {.last = 1}, true},
             {"another tag", {.tags = {"a"}}, {.tags = {"b"}}, true},
             {"tags in another order", {.tags = {"a", "b"}}, {.tags = {"b", "a"}}, false},
             {"a tag more", {.tags = {"a"}}, {.tags = {"a", "b"}}, false},
             {"a lower guard", {.last = 1, .keepVerified = 2}, {.last = 1}, true},
             {"a higher guard", {.last = 1}, {.last = 1, .keepVerified = 2}, false}}) {
        EXPECT_EQ(isLower(each.now, each.before), each.lower) << each.what;
    }
}

TEST(RetentionRules, CombinedAreLowerThanNeither) {
    const RetentionRules a{.last = 3, .daily = 7, .within = 3600, .tags = {"x", "y"}};
    const RetentionRules b{.last = 5, .yearly = 1, .tags = {"y", "z"}, .keepVerified = 4};
    const RetentionRules both = combined(a, b);
    EXPECT_EQ(both, (RetentionRules{.last = 5,
                                    .daily = 7,
                                    .yearly = 1,
                                    .within = 3600,
                                    .tags = {"x", "y", "z"},
                                    .keepVerified = 4}));
    EXPECT_FALSE(isLower(both, a));
    EXPECT_FALSE(isLower(both, b));
    EXPECT_TRUE(isLower(a, both));
    EXPECT_TRUE(isLower(b, both));
}

TEST(Duration, IsRead) {
    EXPECT_EQ(parseDuration("36h"), 36 * 3600);
    EXPECT_EQ(parseDuration("30d"), 30 * 86400);
    EXPECT_EQ(parseDuration("2w"), 14 * 86400);
    EXPECT_EQ(parseDuration("1m"), 31 * 86400);
    EXPECT_EQ(parseDuration("1y6m1w1d1h"), (366 + 6 * 31 + 8) * 86400 + 3600);
    EXPECT_EQ(parseDuration("0y5h"), 5 * 3600);
    EXPECT_EQ(parseDuration("1000y"), 366'000LL * 86400);
}

TEST(Duration, NonsenseIsRefused) {
    for (const char* text : {"", "5", "d", "0d", "-1d", "1.5d", "1d 2h", "1h1d", "1d1d", "1s",
                             "1000y1h", "1001y", "99999999999999999999h", "9223372036854775807h"}) {
        expectError(
            ErrorCode::invalidArgument, [&] { parseDuration(text); }, "is no duration");
    }
}

TEST(Duration, NameComesBack) {
    for (const char* name : {"1h", "23h", "1d", "6d", "1w", "1m", "1y", "1y6m1w1d1h", "1000y"}) {
        EXPECT_EQ(durationName(parseDuration(name)), name);
    }
    EXPECT_EQ(durationName(parseDuration("36h")), "1d12h");
    EXPECT_EQ(durationName(1), "1h");
    EXPECT_EQ(durationName(0), "0h");
}

}  // namespace
}  // namespace coffer
