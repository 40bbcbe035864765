#include "core/snapshot/retention.h"

#include <algorithm>

#include "core/base/calendar.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

const ZoneOffset utc = [](Timestamp) { return std::int64_t{0}; };
const SourceKey home = SourceKey::of(AgentId{{1}}, {"/home"});
const SourceKey mail = SourceKey::of(AgentId{{1}}, {"/mail"});

Timestamp at(std::int64_t year, int month, int day, int hour = 12) {
    return {daysOf({year, month, day}) * 86400 + hour * 3600, 0};
}
const Timestamp now = at(2026, 11, 25, 18);

SnapshotId idOf(std::uint8_t number) {
    return SnapshotId{{number}};
}

RetentionCandidate candidate(std::uint8_t number, Timestamp committed,
                             const SourceKey& source = home) {
    RetentionCandidate snapshot;
    snapshot.id = idOf(number);
    snapshot.source = source;
    snapshot.committed = committed;
    return snapshot;
}

std::string textOf(const RetentionVerdict& verdict) {
    std::string text = std::to_string(verdict.id.bytes[0]) + ":";
    for (const RetentionReason& reason : verdict.reasons) text += " " + reason.text();
    return text;
}

// The verdicts of the only group, newest first: "number: reason reason".
std::vector<std::string> decide(const RetentionRules& rules,
                                const std::vector<RetentionCandidate>& snapshots,
                                const std::vector<SourceRuns>& runs = {}, Timestamp when = now) {
    const auto groups = applyRetention(rules, snapshots, runs, when, utc);
    EXPECT_EQ(groups.size(), 1U);
    std::vector<std::string> texts;
    for (const RetentionVerdict& verdict : groups.at(0).verdicts) texts.push_back(textOf(verdict));
    return texts;
}
using Texts = std::vector<std::string>;

TEST(Retention, LastCountsFromTheNewest) {
    EXPECT_EQ(decide({.last = 2}, {candidate(1, at(2026, 1, 1)), candidate(2, at(2026, 1, 2)),
                                   candidate(3, at(2026, 1, 3))}),
              (Texts{"3: last (1 of 2) newest", "2: last (2 of 2)", "1:"}));
}

TEST(Retention, DailyKeepsTheNewestOfEachDayThatHasOne) {
    EXPECT_EQ(
        decide({.daily = 2}, {candidate(1, at(2026, 1, 1)), candidate(2, at(2026, 1, 5, 8)),
                              candidate(3, at(2026, 1, 5, 9)), candidate(4, at(2026, 1, 9, 8)),
                              candidate(5, at(2026, 1, 9, 23))}),
        (Texts{"5: daily (2026-01-09, 1 of 2) newest", "4:", "3: daily (2026-01-05, 2 of 2)",
               "2:", "1:"}));
}

TEST(Retention, EachPeriodRule) {
    const std::vector<RetentionCandidate> snapshots{
        candidate(1, at(2024, 12, 31)),
        candidate(2, at(2025, 1, 1)),
        candidate(3, at(2025, 12, 28)),
        candidate(4, at(2025, 12, 29)),
        candidate(5, at(2026, 1, 1, 10)),
        candidate(6, at(2026, 1, 1, 11)),
        candidate(7, Timestamp{at(2026, 1, 1, 11).seconds + 60, 0})};
    EXPECT_EQ(decide({.hourly = 2}, snapshots),
              (Texts{"7: hourly (2026-01-01 11:00, 1 of 2) newest",
                     "6:", "5: hourly (2026-01-01 10:00, 2 of 2)", "4:", "3:", "2:", "1:"}));
    EXPECT_EQ(decide({.weekly = 2}, snapshots),
              (Texts{"7: weekly (2026-W01, 1 of 2) newest",
                     "6:", "5:", "4:", "3: weekly (2025-W52, 2 of 2)", "2:", "1:"}));
    EXPECT_EQ(decide({.monthly = 3}, snapshots),
              (Texts{"7: monthly (2026-01, 1 of 3) newest", "6:", "5:",
                     "4: monthly (2025-12, 2 of 3)", "3:", "2: monthly (2025-01, 3 of 3)", "1:"}));
    EXPECT_EQ(decide({.yearly = 3}, snapshots),
              (Texts{"7: yearly (2026, 1 of 3) newest", "6:", "5:", "4: yearly (2025, 2 of 3)",
                     "3:", "2:", "1: yearly (2024, 3 of 3)"}));
}

TEST(Retention, RulesCountEachForThemselves) {
    EXPECT_EQ(decide({.last = 1, .daily = 2, .monthly = 1},
                     {candidate(1, at(2026, 1, 1)), candidate(2, at(2026, 1, 2))}),
              (Texts{"2: last (1 of 1) daily (2026-01-02, 1 of 2) monthly (2026-01, 1 of 1) newest",
                     "1: daily (2026-01-01, 2 of 2)"}));
}

TEST(Retention, OldestStaysUntilTheRuleIsFull) {
    const std::vector<RetentionCandidate> snapshots{
        candidate(1, at(2026, 1, 1)), candidate(2, at(2026, 5, 1)), candidate(3, at(2026, 11, 1))};
    EXPECT_EQ(decide({.yearly = 2}, snapshots),
              (Texts{"3: yearly (2026, 1 of 2) newest", "2:", "1: yearly (oldest)"}));
    EXPECT_EQ(decide({.yearly = 1}, snapshots),
              (Texts{"3: yearly (2026, 1 of 1) newest", "2:", "1:"}));
}

TEST(Retention, WithinCountsFromTheNewestNotFromNow) {
    const std::vector<RetentionCandidate> old{
        candidate(1, at(2020, 1, 1)), candidate(2, at(2020, 1, 2)), candidate(3, at(2020, 1, 3))};
    EXPECT_EQ(decide({.within = 2 * 86400}, old),
              (Texts{"3: within (2d) newest", "2: within (2d)", "1:"}));
}

TEST(Retention, ClockThatWasAheadLetsNothingGo) {
    const std::vector<RetentionCandidate> snapshots{candidate(1, at(2026, 11, 24)),
                                                    candidate(2, at(2031, 1, 1))};
    EXPECT_EQ(decide({.within = 30 * 86400}, snapshots),
              (Texts{"2: within (4w2d) newest", "1: within (4w2d) newest"}));
}

TEST(Retention, ClockThatWasAheadTakesNobodysPlace) {
    std::vector<RetentionCandidate> snapshots{
        candidate(1, at(2026, 11, 23)), candidate(2, at(2026, 11, 24)),
        candidate(3, at(2026, 11, 25)), candidate(9, at(2027, 11, 25))};
    for (RetentionCandidate& snapshot : snapshots) snapshot.verified = true;
    EXPECT_EQ(decide({.last = 1, .keepVerified = 1}, snapshots),
              (Texts{"9: last (1 of 1) verified (1 of 1) newest",
                     "3: last (1 of 1) verified (1 of 1) newest", "2:", "1:"}));
    EXPECT_EQ(decide({.daily = 2, .keepVerified = 0}, snapshots),
              (Texts{"9: daily (2027-11-25, 1 of 2) newest", "3: daily (2026-11-25, 1 of 2) newest",
                     "2: daily (2026-11-24, 2 of 2)", "1:"}));
    // The last that was made stays when the clock is set back behind it.
    EXPECT_EQ(decide({.tags = {"none"}, .keepVerified = 0}, snapshots, {}, at(2026, 11, 24)),
              (Texts{"9: newest", "3: newest", "2: newest", "1:"}));
}

TEST(Retention, TimeRulesNeitherCountNorForgetWhatHasNoTimeOfItsOwn) {
    // The clock was ahead and was set right: all that follows bears the same time.
    std::vector<RetentionCandidate> snapshots{
        candidate(1, at(2026, 11, 23)), candidate(2, at(2026, 11, 24)),
        candidate(3, at(2027, 11, 25)), candidate(4, at(2027, 11, 25)),
        candidate(5, at(2027, 11, 25))};
    for (std::size_t i = 2; i < 5; ++i) snapshots[i].undated = true;
    for (const Timestamp when : {now, at(2027, 11, 24), at(2027, 11, 26), at(2030, 1, 1)}) {
        for (const RetentionRules& rules :
             {RetentionRules{.hourly = 1}, RetentionRules{.daily = 1}, RetentionRules{.weekly = 1},
              RetentionRules{.monthly = 1}, RetentionRules{.yearly = 1},
              RetentionRules{.within = 3'600}}) {
            const Texts texts = decide(rules, snapshots, {}, when);
            for (std::size_t i = 0; i < 3; ++i) {
                EXPECT_NE(texts.at(i).find("undated"), std::string::npos) << texts.at(i);
            }
            // It keeps its place, whatever stands before it.
            EXPECT_NE(texts.at(3).find("2: "), std::string::npos) << texts.at(3);
            EXPECT_EQ(texts.at(4).find("undated"), std::string::npos) << texts.at(4);
        }
    }
    // Without a rule of time they go as others do.
    EXPECT_EQ(decide({.last = 1}, snapshots, {}, at(2027, 11, 26)),
              (Texts{"5: last (1 of 1) newest", "4:", "3:", "2:", "1:"}));
}

TEST(Retention, TagsKeep) {
    std::vector<RetentionCandidate> snapshots{
        candidate(1, at(2026, 1, 1)), candidate(2, at(2026, 1, 2)), candidate(3, at(2026, 1, 3))};
    snapshots[0].tags = {"audit", "release"};
    snapshots[1].tags = {"other"};
    EXPECT_EQ(decide({.tags = {"release", "audit"}}, snapshots),
              (Texts{"3: newest", "2:", "1: tag (audit) tag (release)"}));
}

TEST(Retention, LockedStayUntilTheirDate) {
    std::vector<RetentionCandidate> snapshots{
        candidate(1, at(2026, 1, 1)), candidate(2, at(2026, 1, 2)), candidate(3, at(2026, 1, 3))};
    snapshots[0].lockedUntil = Timestamp{now.seconds + 1, 0};
    snapshots[1].lockedUntil = now;
    EXPECT_EQ(decide({.last = 1}, snapshots),
              (Texts{"3: last (1 of 1) newest", "2:", "1: locked (until 2026-11-25T18:00:01Z)"}));
}

TEST(Retention, LastVerifiedStay) {
    std::vector<RetentionCandidate> snapshots{
        candidate(1, at(2026, 1, 1)), candidate(2, at(2026, 1, 2)), candidate(3, at(2026, 1, 3)),
        candidate(4, at(2026, 1, 4))};
    snapshots[0].verified = snapshots[1].verified = snapshots[2].verified = true;
    snapshots[2].damaged = true;
    EXPECT_EQ(decide({.last = 1}, snapshots),
              (Texts{"4: last (1 of 1) newest", "3:", "2: verified (1 of 1)", "1:"}));
    EXPECT_EQ(
        decide({.last = 1, .keepVerified = 2}, snapshots),
        (Texts{"4: last (1 of 1) newest", "3:", "2: verified (1 of 2)", "1: verified (2 of 2)"}));
    EXPECT_EQ(decide({.last = 1, .keepVerified = 0}, snapshots),
              (Texts{"4: last (1 of 1) newest", "3:", "2:", "1:"}));
}

TEST(Retention, DamagedTakeNobodysPlace) {
    std::vector<RetentionCandidate> snapshots{
        candidate(1, at(2026, 1, 1)), candidate(2, at(2026, 1, 2, 8)),
        candidate(3, at(2026, 1, 2, 9)), candidate(4, at(2026, 1, 2, 10))};
    snapshots[3].damaged = true;
    EXPECT_EQ(decide({.last = 1, .daily = 1}, snapshots),
              (Texts{"4: last (1 of 1) daily (2026-01-02, 1 of 1)",
                     "3: last (1 of 1) daily (2026-01-02, 1 of 1) newest", "2:", "1:"}));
    for (RetentionCandidate& snapshot : snapshots) snapshot.damaged = true;
    for (const std::string& text : decide({.last = 1}, snapshots)) {
        EXPECT_NE(text.find("last"), std::string::npos) << text;
    }
}

TEST(Retention, CheckpointsAreNeitherCountedNorForgotten) {
    std::vector<RetentionCandidate> snapshots{
        candidate(1, at(2026, 1, 1)), candidate(2, at(2026, 1, 2)), candidate(3, at(2026, 1, 3))};
    snapshots[1].hidden = snapshots[2].hidden = true;
    EXPECT_EQ(decide({.last = 1}, snapshots),
              (Texts{"3: checkpoint", "2: checkpoint", "1: last (1 of 1) newest"}));
    snapshots[0].hidden = true;
    EXPECT_EQ(decide({.last = 1}, snapshots),
              (Texts{"3: checkpoint", "2: checkpoint", "1: checkpoint"}));
}

TEST(Retention, NothingGoesWhileBackupsFail) {
    const std::vector<RetentionCandidate> snapshots{candidate(1, at(2026, 1, 1)),
                                                    candidate(2, at(2026, 1, 2))};
    const auto of = [&](std::optional<Timestamp> success, std::optional<Timestamp> failure) {
        return decide({.last = 1}, snapshots, {{home, success, failure}}).at(1);
    };
    const std::string held = "1: failing (since 2026-01-05T12:00:00Z)";
    EXPECT_EQ(of({}, at(2026, 1, 5)), held);
    EXPECT_EQ(of(at(2026, 1, 4), at(2026, 1, 5)), held);
    EXPECT_EQ(of(at(2026, 1, 5), at(2026, 1, 5)), "1:");
    EXPECT_EQ(of(at(2026, 1, 6), at(2026, 1, 5)), "1:");
    EXPECT_EQ(of(at(2026, 1, 6), {}), "1:");
    EXPECT_EQ(of({}, {}), "1:");
    EXPECT_EQ(decide({.last = 1}, snapshots, {{mail, {}, at(2026, 1, 5)}}).at(1), "1:");
}

TEST(Retention, SourcesAreCountedApart) {
    const SourceKey other = SourceKey::of(AgentId{{2}}, {"/home"});
    const std::vector<RetentionCandidate> snapshots{
        candidate(1, at(2026, 1, 1)), candidate(2, at(2026, 1, 2), mail),
        candidate(3, at(2026, 1, 3), other), candidate(4, at(2026, 1, 4))};
    const auto groups = applyRetention({.last = 1}, snapshots, {}, now, utc);
    ASSERT_EQ(groups.size(), 3U);
    EXPECT_EQ(groups[0].source, home);
    EXPECT_EQ(groups[1].source, mail);
    EXPECT_EQ(groups[2].source, other);
    EXPECT_EQ(textOf(groups[0].verdicts.at(1)), "1:");
    EXPECT_TRUE(groups[1].verdicts.at(0).keep());
    EXPECT_TRUE(groups[2].verdicts.at(0).keep());
}

TEST(Retention, OrderAndRepetitionOfPathsDoNotMatter) {
    EXPECT_EQ(SourceKey::of(AgentId{{1}}, {"/b", "/a", "/b"}),
              SourceKey::of(AgentId{{1}}, {"/a", "/b"}));
    EXPECT_NE(SourceKey::of(AgentId{{1}}, {"/a"}), SourceKey::of(AgentId{{1}}, {"/a", "/b"}));
}

TEST(Retention, OfTheSameTimeTheOneFurtherBehindIsNewer) {
    EXPECT_EQ(decide({.last = 1}, {candidate(2, at(2026, 1, 1)), candidate(1, at(2026, 1, 1))}),
              (Texts{"1: last (1 of 1) newest", "2:"}));
}

TEST(Retention, WithoutARuleItIsRefused) {
    const std::vector<RetentionCandidate> snapshots{candidate(1, at(2026, 1, 1))};
    expectError(
        ErrorCode::invalidArgument,
        [&] { applyRetention({.keepVerified = 3}, snapshots, {}, now, utc); }, "no rule");
    EXPECT_TRUE(applyRetention({.last = 1}, {}, {}, now, utc).empty());
}

}  // namespace
}  // namespace coffer
