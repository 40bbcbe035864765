#include "management_server/status/status_keeper.h"

#include <gtest/gtest.h>

#include "management_server/runs/run_table.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

constexpr std::int64_t day = 86'400;

class StatusKeeperTest : public testing::Test {
  protected:
    StatusKeeper::Parts parts() {
        return {.database = database,
                .events = events,
                .clock = clock,
                .rules = {},
                .agents = [this] { return agents; },
                .proofs = [this] { return proofs; },
                .plans = [this] { return plans; },
                .damage = [this] { return std::make_shared<const DamageByRepository>(damage); },
                .removed = [this] { return removed; }};
    }

    /// A backup that has ended, in the book and among the events.
    std::int64_t backup(const std::string& agent, const std::vector<std::string>& what,
                        RunState state, const std::string& message = {}) {
        RunRecord run;
        run.kind = run_kind::backup;
        run.agent = agent;
        run.repository = "main";
        run.what = what;
        run.ordered = clock.now();
        run.options = options;
        run.snapshot = "snapshot of " + message;
        database.change([&](SqlDatabase& db) {
            RunTable table(db);
            run.number = table.insert(run);
            run.stand.state = state;
            run.ended = clock.now();
            run.message = message;
            table.update(run);
        });
        events.add("run-ended", std::to_string(run.number), "it ended", {{"kind", "backup"}});
        return run.number;
    }

    void step(std::int64_t number, RunState state, const char* event) {
        database.change([&](SqlDatabase& db) {
            RunTable table(db);
            RunRecord run = *table.find(number);
            run.stand.state = state;
            if (state == RunState::verifying) run.committed = clock.now();
            run.ended.reset();
            if (hasEnded(state)) run.ended = clock.now();
            table.update(run);
        });
        events.add(event, std::to_string(number), "", {{"kind", "backup"}});
    }

    SourceStatus only() {
        keeper.refresh();
        const auto report = keeper.report();
        EXPECT_EQ(report->sources.size(), 1U);
        return report->sources.at(0);
    }

    /// Kinds of the events about sources, so far.
    std::string told() {
        std::string kinds;
        for (const RecordedEvent& event : events.since(0, 1'000)) {
            if (event.kind.starts_with("source-")) kinds += event.kind.substr(7) + " ";
        }
        return kinds;
    }

    ScratchFolder folder;
    ManualClock clock;
    ServerDatabase database{folder / "server.db"};
    EventRecorder events{database, clock};
    std::vector<StatusKeeper::Agent> agents = {{"laptop", true, {}}};
    std::map<SourceName, Timestamp> proofs;
    std::map<SourceName, StatusKeeper::Plan> plans;
    std::map<std::string, Timestamp> removed;
    DamageByRepository damage = {{"main", {}}};
    RunTexts options;
    StatusKeeper keeper{parts()};
};

TEST_F(StatusKeeperTest, FollowsASourceThroughItsStates) {
    EXPECT_EQ(only().verdict.state, SourceState::unprotected);
    EXPECT_EQ(only().facts.name, (SourceName{"laptop", "", {}}));

    backup("laptop", {"/home", "/etc", "/home"}, RunState::succeeded);
    EXPECT_EQ(only().verdict.state, SourceState::safe);
    EXPECT_EQ(only().facts.name, (SourceName{"laptop", "main", {"/etc", "/home"}}));
    EXPECT_EQ(told(), "");

    clock.advance(3'600);
    const std::int64_t failed = backup("laptop", {"/etc", "/home"}, RunState::failed, "disk full");
    EXPECT_EQ(only().verdict.state, SourceState::failing);
    EXPECT_EQ(only().facts.failureRun, failed);
    EXPECT_EQ(told(), "failing ");
    backup("laptop", {"/etc", "/home"}, RunState::failed, "disk full");
    keeper.refresh();
    EXPECT_EQ(told(), "failing ");  // once

    backup("laptop", {"/etc", "/home"}, RunState::warnings);
    EXPECT_EQ(only().verdict.state, SourceState::safe);
    clock.advance(3 * day);
    EXPECT_EQ(only().verdict.state, SourceState::late);
    backup("laptop", {"/etc", "/home"}, RunState::cancelled);
    EXPECT_EQ(only().verdict.state, SourceState::late);
    backup("laptop", {"/etc", "/home"}, RunState::succeeded);
    keeper.refresh();
    EXPECT_EQ(told(), "failing recovered late recovered ");
    EXPECT_EQ(keeper.report()->state(), SourceState::safe);
}

TEST_F(StatusKeeperTest, CountsABackupFromItsCommitUntilItTurnsOutDamaged) {
    const std::int64_t good = backup("laptop", {"/home"}, RunState::succeeded);
    const Timestamp before = clock.now();
    keeper.refresh();
    clock.advance(3 * day);
    const std::int64_t run = backup("laptop", {"/home"}, RunState::cancelled);
    EXPECT_EQ(only().verdict.state, SourceState::late);
    step(run, RunState::verifying, "run-committed");
    const Timestamp committed = clock.now();
    EXPECT_EQ(only().verdict.state, SourceState::safe);
    EXPECT_EQ(only().facts.lastSuccess, committed);
    clock.advance(600);
    step(run, RunState::failed, "run-ended");
    EXPECT_EQ(only().verdict.state, SourceState::failing);
    EXPECT_EQ(only().facts.failureRun, run);
    EXPECT_EQ(only().facts.lastSuccess, before);
    EXPECT_EQ(only().facts.successRun, good);
}

// Killed before it was looked at: the last that failed is another one.
TEST_F(StatusKeeperTest, ARestartKnowsOfDamageThatNobodyLookedAt) {
    const std::int64_t good = backup("laptop", {"/home"}, RunState::succeeded);
    const Timestamp before = clock.now();
    clock.advance(600);
    const std::int64_t damaged = backup("laptop", {"/home"}, RunState::cancelled);
    step(damaged, RunState::verifying, "run-committed");
    backup("laptop", {"/home"}, RunState::failed);
    EXPECT_EQ(only().facts.successRun, damaged);
    step(damaged, RunState::failed, "run-ended");
    const StatusKeeper next(parts());
    const SourceFacts& facts = next.report()->sources.at(0).facts;
    EXPECT_EQ(facts.successRun, good);
    EXPECT_EQ(facts.lastSuccess, before);
}

TEST_F(StatusKeeperTest, TellsOfDamageInTheLastGoodBackup) {
    backup("laptop", {"/home"}, RunState::succeeded, "one");
    backup("laptop", {"/home"}, RunState::succeeded, "two");
    damage["main"].snapshots["snapshot of one"] = SnapshotDamage::known;
    EXPECT_EQ(only().verdict.state, SourceState::safe);  // not the last
    damage["main"].snapshots["snapshot of two"] = SnapshotDamage::possible;
    EXPECT_EQ(only().verdict.state, SourceState::unproven);
    damage["main"].snapshots["snapshot of two"] = SnapshotDamage::known;
    EXPECT_EQ(only().verdict.state, SourceState::failing);
    EXPECT_EQ(told(), "unproven failing ");
    // Nobody has recovered because nobody has looked yet.
    const DamageByRepository known = std::exchange(damage, {});
    StatusKeeper next(parts());
    next.refresh();
    EXPECT_EQ(told(), "unproven failing ");
    damage = known;
    next.refresh();
    EXPECT_EQ(next.report()->sources.at(0).verdict.state, SourceState::failing);
    backup("laptop", {"/home"}, RunState::succeeded, "three");
    EXPECT_EQ(only().verdict.state, SourceState::safe);
    EXPECT_EQ(told(), "unproven failing recovered ");
}

TEST_F(StatusKeeperTest, TellsOfARepositoryThatCannotBeOpened) {
    backup("laptop", {"/home"}, RunState::succeeded);
    EXPECT_EQ(only().verdict.state, SourceState::safe);
    damage["main"].problem = "no disk";
    EXPECT_EQ(only().verdict.state, SourceState::failing);
    damage["main"].problem.clear();
    EXPECT_EQ(only().verdict.state, SourceState::safe);
    EXPECT_EQ(told(), "failing recovered ");
}

TEST_F(StatusKeeperTest, KnowsAfterARestartWhatItSaid) {
    backup("laptop", {"/home"}, RunState::succeeded);
    clock.advance(3 * day);
    keeper.refresh();
    // Runs are forgotten, sources are not.
    database.change([](SqlDatabase& db) { db.execute("DELETE FROM runs"); });
    StatusKeeper next(parts());
    next.refresh();
    EXPECT_EQ(told(), "late ");
    ASSERT_EQ(next.report()->sources.size(), 1U);
    EXPECT_EQ(next.report()->sources[0].verdict.state, SourceState::late);
    EXPECT_EQ(next.report()->sources[0].since, clock.now());
}

TEST_F(StatusKeeperTest, LearnsAtTheStartWhatWasNeverAnnounced) {
    backup("laptop", {"/home"}, RunState::failed, "gone");
    backup("laptop", {"/home"}, RunState::succeeded);
    clock.advance(100 * day);
    backup("laptop", {"/home"}, RunState::succeeded);
    StatusKeeper next(parts());
    const SourceStatus source = next.report()->sources.at(0);
    EXPECT_EQ(source.verdict.state, SourceState::unproven);  // by its first backup
    EXPECT_EQ(source.facts.failure, "gone");
}

TEST_F(StatusKeeperTest, ProofsAndPlansCount) {
    backup("laptop", {"/home"}, RunState::succeeded);
    clock.advance(100 * day);
    backup("laptop", {"/home"}, RunState::succeeded);
    EXPECT_EQ(only().verdict.state, SourceState::unproven);
    proofs[{"laptop", "main", {"/home"}}] = clock.now();
    EXPECT_EQ(only().verdict.state, SourceState::safe);

    plans[{"laptop", "main", {"/home"}}] = {"office/ann", 3'600};
    clock.advance(3'601);
    StatusKeeper next(parts());
    next.refresh();
    EXPECT_EQ(next.report()->sources.at(0).verdict.state, SourceState::late);
    EXPECT_EQ(next.report()->components.components().at("office").worst, SourceState::late);
}

TEST_F(StatusKeeperTest, WhatIsPlannedIsShownBeforeItsFirstBackup) {
    plans[{"laptop", "main", {"/home"}}] = {"", {}};
    plans[{"gone", "main", {"/home"}}] = {"office", {}};
    EXPECT_EQ(only().facts.name, (SourceName{"laptop", "main", {"/home"}}));
    EXPECT_EQ(only().verdict.state, SourceState::unprotected);
    EXPECT_EQ(only().component, "laptop");
    EXPECT_EQ(told(), "");
    backup("laptop", {"/home"}, RunState::failed);
    EXPECT_EQ(only().verdict.state, SourceState::unprotected);
    only();
    EXPECT_EQ(told(), "unprotected ");  // once
}

TEST_F(StatusKeeperTest, WhatIsKnownDoesNotCountUntilItEnds) {
    backup("laptop", {"/home"}, RunState::succeeded);
    clock.advance(3 * day);
    const std::string id = only().id;
    Timestamp until = clock.now();
    until.seconds += day;
    keeper.acknowledge(id, "on\nholiday", "ann", until);
    EXPECT_EQ(keeper.report()->state(), SourceState::safe);
    ASSERT_TRUE(only().known);
    EXPECT_EQ(only().known->reason, "on\\x0aholiday");
    EXPECT_EQ(only().verdict.state, SourceState::late);

    // Nothing worse is covered.
    backup("laptop", {"/home"}, RunState::failed);
    EXPECT_EQ(only().counted(), SourceState::failing);
    EXPECT_EQ(told(), "late failing ");
    backup("laptop", {"/home"}, RunState::succeeded);
    keeper.refresh();
    clock.advance(day);
    EXPECT_FALSE(only().known);
    EXPECT_EQ(told(), "late failing recovered ");
}

TEST_F(StatusKeeperTest, AnAcknowledgementThatEndsIsNews) {
    backup("laptop", {"/home"}, RunState::succeeded);
    clock.advance(3 * day);
    Timestamp until = clock.now();
    until.seconds += day;
    keeper.acknowledge(only().id, "on holiday", "ann", until);
    EXPECT_EQ(told(), "late ");
    clock.advance(day);
    keeper.refresh();
    EXPECT_EQ(told(), "late late ");
}

TEST_F(StatusKeeperTest, AcknowledgementsAreChecked) {
    const Timestamp later{clock.now().seconds + day, 0};
    expectError(ErrorCode::notFound, [&] { keeper.acknowledge("0", "why", "ann", later); });
    const std::string id = only().id;
    expectError(ErrorCode::invalidArgument, [&] { keeper.acknowledge(id, "", "ann", later); });
    expectError(ErrorCode::invalidArgument,
                [&] { keeper.acknowledge(id, std::string(1'001, 'a'), "ann", later); });
    expectError(ErrorCode::invalidArgument,
                [&] { keeper.acknowledge(id, "why", "ann", clock.now()); });
    expectError(ErrorCode::invalidArgument, [&] {
        keeper.acknowledge(id, "why", "ann", {clock.now().seconds + 11 * 366 * day, 0});
    });
    keeper.acknowledge(id, "why", "ann", later);
    keeper.withdraw(id);
    expectError(ErrorCode::notFound, [&] { keeper.withdraw(id); });
    EXPECT_FALSE(only().known);
    backup("laptop", {"/home"}, RunState::succeeded);
    expectError(ErrorCode::conflict, [&] { keeper.acknowledge(only().id, "why", "ann", later); });
}

TEST_F(StatusKeeperTest, SourcesAreDroppedUntilTheyAreBackedUpAgain) {
    backup("laptop", {"/tmp/once"}, RunState::succeeded);
    backup("laptop", {"/home"}, RunState::succeeded);
    clock.advance(3 * day);
    keeper.refresh();
    const SourceName once{"laptop", "main", {"/tmp/once"}};
    keeper.drop(once.id());
    EXPECT_EQ(only().facts.name.paths, std::vector<std::string>{"/home"});
    expectError(ErrorCode::notFound, [&] { keeper.drop(once.id()); });
    backup("laptop", {"/tmp/once"}, RunState::succeeded);
    keeper.refresh();
    EXPECT_EQ(keeper.report()->sources.size(), 2U);
    agents.push_back({"bare", false, {}});
    keeper.refresh();
    expectError(ErrorCode::invalidArgument, [&] { keeper.drop(SourceName{"bare", "", {}}.id()); });
}

// Its runs are kept, and the last of them may end behind that.
TEST_F(StatusKeeperTest, ARestartBringsBackNoSourceThatWasDropped) {
    backup("laptop", {"/tmp/once"}, RunState::failed, "disk full");
    const std::int64_t last = backup("laptop", {"/tmp/once"}, RunState::verifying);
    backup("laptop", {"/home"}, RunState::succeeded);
    keeper.refresh();
    keeper.drop(SourceName{"laptop", "main", {"/tmp/once"}}.id());
    events.add("run-ended", std::to_string(last), "it ended", {{"kind", "backup"}});
    EXPECT_EQ(only().facts.name.paths, std::vector<std::string>{"/home"});
    database.change([](SqlDatabase& db) { SourceTable(db).renameAgent("laptop", "desk"); });
    database.change(
        [](SqlDatabase& db) { db.execute("UPDATE runs SET agent=CAST('desk' AS BLOB)"); });
    agents[0].name = "desk";

    StatusKeeper next(parts());
    ASSERT_EQ(next.report()->sources.size(), 1U);
    EXPECT_EQ(next.report()->sources[0].facts.name.paths, std::vector<std::string>{"/home"});
    const std::int64_t fresh = backup("desk", {"/tmp/once"}, RunState::succeeded);
    next.refresh();
    ASSERT_EQ(next.report()->sources.size(), 2U);
    const SourceFacts& facts = next.report()->sources[1].facts;
    EXPECT_EQ(facts.name.paths, std::vector<std::string>{"/tmp/once"});
    EXPECT_EQ(facts.successRun, fresh);
    EXPECT_EQ(facts.failureRun, 0);
}

TEST_F(StatusKeeperTest, NothingIsKeptOfADroppedSourceWhenItsRunsAreForgotten) {
    backup("laptop", {"/tmp/once"}, RunState::succeeded);
    keeper.drop(only().id);
    const auto rows = [&] {
        return database.read([](SqlDatabase& db) {
            SqlStatement count = db.prepare("SELECT count(*) FROM sources");
            return count.step() ? count.integer(0) : -1;
        });
    };
    const StatusKeeper next(parts());
    EXPECT_EQ(rows(), 1);
    backup("laptop", {"/home"}, RunState::succeeded);
    database.change([](SqlDatabase& db) {
        db.execute("DELETE FROM runs WHERE number=(SELECT min(number) FROM runs)");
    });
    const StatusKeeper last(parts());
    EXPECT_EQ(rows(), 1);
    EXPECT_EQ(last.report()->sources.at(0).facts.name.paths, std::vector<std::string>{"/home"});
}

TEST_F(StatusKeeperTest, SourcesOfARemovedRepositoryAreUnprotected) {
    backup("laptop", {"/home"}, RunState::succeeded);
    EXPECT_EQ(only().verdict.state, SourceState::safe);
    removed["main"] = Timestamp{2'000'000'000, 0};
    EXPECT_EQ(only().verdict.state, SourceState::unprotected);
    EXPECT_EQ(only().verdict.cause, "its repository main is removed until 2033-05-18T03:33:20Z");
    EXPECT_EQ(only().verdict.action, "'coffer repo keep main' takes that back");
    removed.clear();
    EXPECT_EQ(only().verdict.state, SourceState::safe);
    EXPECT_EQ(told(), "unprotected recovered ");
}

// Nor do its runs, which are kept, bring them back, or speak for one that gets its name.
TEST_F(StatusKeeperTest, SourcesOfARepositoryThatIsGoneAreForgotten) {
    backup("laptop", {"/home"}, RunState::succeeded);
    EXPECT_EQ(only().facts.name.repository, "main");
    database.change([](SqlDatabase& db) {
        SourceTable(db).removeRepository("main");
        db.execute(
            "REPLACE INTO repositories_gone SELECT CAST('main' AS BLOB),max(number) FROM runs");
    });
    EXPECT_EQ(only().facts.name.repository, "");
    const StatusKeeper again(parts());
    EXPECT_EQ(again.report()->sources.at(0).facts.name.repository, "");
    backup("laptop", {"/home"}, RunState::succeeded);
    EXPECT_EQ(only().facts.name.repository, "main");
}

TEST_F(StatusKeeperTest, RevokedAgentsAreNotWatched) {
    backup("laptop", {"/home"}, RunState::failed);
    agents.clear();
    keeper.refresh();
    EXPECT_TRUE(keeper.report()->sources.empty());
}

TEST_F(StatusKeeperTest, NamesFileSystemsThatNothingCovers) {
    agents[0].facts = {{"filesystem-1", "ext4 1000 /"}, {"filesystem-2", "ext4 2000 /home"}};
    options = {{"one-file-system", "yes"}};
    backup("laptop", {"/"}, RunState::succeeded);
    keeper.refresh();
    const auto report = keeper.report();
    ASSERT_EQ(report->uncovered.size(), 1U);
    EXPECT_EQ(report->uncovered[0].agent, "laptop");
    EXPECT_EQ(report->uncovered[0].what.mountPoint, "/home");
}

TEST_F(StatusKeeperTest, LooksWhenSomethingHappenedOrAMinutePassed) {
    const auto before = keeper.report();
    keeper.refreshIfDue();
    EXPECT_EQ(keeper.report(), before);
    events.add("agent-attached", "laptop", "");
    keeper.refreshIfDue();
    const auto after = keeper.report();
    EXPECT_NE(after, before);
    keeper.refreshIfDue();
    EXPECT_EQ(keeper.report(), after);
    clock.advance(60);
    keeper.refreshIfDue();
    EXPECT_NE(keeper.report(), after);
}

}  // namespace
}  // namespace coffer
