#include "management_server/status/source_state.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

constexpr std::int64_t day = 86'400;
constexpr Timestamp now{2'000'000'000, 0};

Timestamp ago(std::int64_t seconds) {
    return {now.seconds - seconds, 0};
}

SourceFacts source() {
    SourceFacts facts;
    facts.name = {"laptop", "main", {"/home"}};
    return facts;
}

SourceFacts backedUp(std::int64_t secondsAgo) {
    SourceFacts facts = source();
    facts.firstSuccess = facts.lastSuccess = ago(secondsAgo);
    facts.successRun = 7;
    return facts;
}

SourceFacts failedAfter(SourceFacts facts) {
    facts.lastFailure = ago(3'600);
    facts.failureRun = facts.successRun + 1;
    facts.failure = "disk full";
    return facts;
}

template <class Change>
SourceFacts with(SourceFacts facts, Change&& change) {
    change(facts);
    return facts;
}

TEST(SourceState, IsATable) {
    struct Row {
        const char* what;
        SourceFacts facts;
        SourceState state;
        const char* cause;   // a part of it
        const char* action;  // likewise
    };
    const std::vector<Row> rows = {
        {"nothing known", source(), SourceState::unprotected, "never backed up", "start a backup"},
        {"agent away", with(source(), [](auto& f) { f.agentAway = true; }),
         SourceState::unprotected, "never", "start laptop, which is away"},
        {"never worked", failedAfter(source()), SourceState::unprotected,
         "never backed up: disk full", "run show 1"},
        {"an agent without sources", with(source(), [](auto& f) { f.name.paths = {}; }),
         SourceState::unprotected, "nothing of it is backed up", "back up what matters"},
        {"fresh", backedUp(60), SourceState::safe, "1 min ago", ""},
        {"repository away", with(backedUp(60), [](auto& f) { f.repositoryProblem = "no disk"; }),
         SourceState::failing, "cannot be opened: no disk; the last good", "coffer-server check"},
        {"never backed up, and repository away",
         with(source(), [](auto& f) { f.repositoryProblem = "no disk"; }), SourceState::unprotected,
         "never backed up", "start a backup"},
        {"damaged", with(backedUp(60), [](auto& f) { f.damage = SnapshotDamage::known; }),
         SourceState::failing, "turned out missing or damaged", "start a backup of laptop:/home"},
        {"damaged and late",
         with(backedUp(9 * day), [](auto& f) { f.damage = SnapshotDamage::known; }),
         SourceState::failing, "9 days ago, but parts", "coffer verify --repo main"},
        {"damaged, and failed since",
         failedAfter(with(backedUp(60), [](auto& f) { f.damage = SnapshotDamage::known; })),
         SourceState::failing, "disk full", "run show 8"},
        {"in doubt", with(backedUp(60), [](auto& f) { f.damage = SnapshotDamage::possible; }),
         SourceState::unproven, "may need", "coffer verify --repo main"},
        {"in doubt and late",
         with(backedUp(9 * day), [](auto& f) { f.damage = SnapshotDamage::possible; }),
         SourceState::late, "9 days ago", "start a backup"},
        {"as old as may be", backedUp(2 * day), SourceState::safe, "2 days ago", ""},
        {"a second older", backedUp(2 * day + 1), SourceState::late, "2 days ago",
         "start a backup of laptop:/home"},
        {"late for its own task",
         with(backedUp(7'201), [](auto& f) { f.warnAfterSeconds = 7'200; }), SourceState::late,
         "2 h ago", "start"},
        {"early for its own task",
         with(backedUp(5 * day), [](auto& f) { f.warnAfterSeconds = 7 * day; }), SourceState::safe,
         "5 days", ""},
        {"late and away", with(backedUp(3 * day), [](auto& f) { f.agentAway = true; }),
         SourceState::late, "its agent is away", "start laptop"},
        {"failed last", failedAfter(backedUp(day)), SourceState::failing,
         "disk full; the last good", "run show 8"},
        {"failed before", with(failedAfter(backedUp(60)), [](auto& f) { f.failureRun = 3; }),
         SourceState::safe, "1 min ago", ""},
        {"failed and late", failedAfter(backedUp(30 * day)), SourceState::failing, "30 days ago",
         "run show"},
        {"dated ahead", backedUp(-2 * 3'600), SourceState::late, "dated ahead", "clock"},
        {"a clock that is a little off", backedUp(-60), SourceState::safe, "a moment ago", ""},
        {"not rehearsed for long",
         with(backedUp(60),
              [](auto& f) {
                  f.firstSuccess = ago(200 * day);
                  f.lastProven = ago(91 * day);
              }),
         SourceState::unproven, "last rehearsed 91 days ago", "coffer rehearse"},
        {"never rehearsed", with(backedUp(60), [](auto& f) { f.firstSuccess = ago(91 * day); }),
         SourceState::unproven, "never rehearsed", "main"},
        {"rehearsed, as a clock said that was ahead",
         with(backedUp(60),
              [](auto& f) {
                  f.firstSuccess = ago(200 * day);
                  f.lastProven = ago(-1'000 * day);
              }),
         SourceState::unproven, "dated ahead", "coffer rehearse"},
        {"begun, as a clock said that was ahead",
         with(backedUp(60), [](auto& f) { f.firstSuccess = ago(-1'000 * day); }),
         SourceState::unproven, "never rehearsed", "main"},
        {"rehearsed by a clock that is a little off",
         with(backedUp(60), [](auto& f) { f.lastProven = ago(-60); }), SourceState::safe, "", ""},
        {"too young for it", with(backedUp(60), [](auto& f) { f.firstSuccess = ago(89 * day); }),
         SourceState::safe, "", ""},
        {"rehearsed",
         with(backedUp(60),
              [](auto& f) {
                  f.firstSuccess = ago(200 * day);
                  f.lastProven = ago(day);
              }),
         SourceState::safe, "", ""},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.what);
        const SourceVerdict verdict = judge(row.facts, {}, now);
        EXPECT_EQ(nameOf(verdict.state), nameOf(row.state));
        EXPECT_NE(verdict.cause.find(row.cause), std::string::npos) << verdict.cause;
        EXPECT_NE(verdict.action.find(row.action), std::string::npos) << verdict.action;
        EXPECT_EQ(verdict.action.empty(), row.state == SourceState::safe);
    }
}

TEST(SourceState, ProofsNeedNotBeAskedFor) {
    const SourceFacts facts =
        with(backedUp(60), [](auto& f) { f.firstSuccess = ago(1'000 * day); });
    EXPECT_EQ(judge(facts, {.proveWithinSeconds = 0}, now).state, SourceState::safe);
}

TEST(SourceState, NamesComeBack) {
    for (const SourceState state : {SourceState::safe, SourceState::unproven, SourceState::late,
                                    SourceState::failing, SourceState::unprotected}) {
        EXPECT_EQ(sourceStateOf(nameOf(state)), state);
    }
    EXPECT_EQ(nameOf(SourceState::safe), "protected");
    expectError(ErrorCode::corrupt, [] { sourceStateOf("fine"); });
}

TEST(SourceState, AnAcknowledgementCoversNothingWorseAndEnds) {
    const Acknowledgement known{SourceState::late, "on holiday", "ann", ago(60), now};
    EXPECT_TRUE(known.covers(SourceState::late, ago(1)));
    EXPECT_TRUE(known.covers(SourceState::unproven, ago(1)));
    EXPECT_FALSE(known.covers(SourceState::failing, ago(1)));
    EXPECT_FALSE(known.covers(SourceState::late, now));
}

TEST(SourceName, IdsDiffer) {
    const SourceName home{"laptop", "main", {"/home"}};
    EXPECT_EQ(home.id().size(), 16U);
    EXPECT_EQ(home.id(), (SourceName{"laptop", "main", {"/home"}}).id());
    EXPECT_NE(home.id(), (SourceName{"laptop", "main", {"/home", ""}}).id());
    EXPECT_NE(home.id(), (SourceName{"laptopm", "ain", {"/home"}}).id());
}

TEST(SourceName, IsShownOnOneShortLine) {
    EXPECT_EQ((SourceName{"laptop", "main", {"/etc", "/ho\nme"}}).shown(),
              "laptop:/etc, /ho\\x0ame");
    const SourceName many{"laptop", "main", std::vector<std::string>(50, std::string(150, 'a'))};
    EXPECT_LT(many.shown().size(), 500U);
    EXPECT_NE(many.shown().find("and 48 more"), std::string::npos) << many.shown();
}

}  // namespace
}  // namespace coffer
