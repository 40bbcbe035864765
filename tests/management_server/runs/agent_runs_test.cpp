#include <gtest/gtest.h>

#include "management_server/runs/run_result.h"
#include "management_server/runs/run_snapshot.h"
#include "tests/management_server/runs/runs_fixture.h"

namespace coffer {
namespace {

struct AgentRunsTest : RunsFixture {};

TEST_F(AgentRunsTest, AreOrderedFromAnAttachedAgent) {
    attach("laptop");
    const std::int64_t run = backup();
    EXPECT_EQ(state(run), "queued");
    EXPECT_EQ(attempt(run), 0U);
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"start 1/1"});
    EXPECT_EQ(state(run), "running");
    EXPECT_EQ(attempt(run), 1U);
    clock.advance(5);
    finish(run, 1, "succeeded");
    const RunRecord done = runs->get(run);
    EXPECT_EQ(state(run), "succeeded");
    EXPECT_EQ(done.snapshot, repositories.snapshot);
    EXPECT_EQ(done.ended->seconds - done.started->seconds, 5);
    EXPECT_EQ(told(run), (Texts{"run-ordered", "run-started", "run-ended"}));
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{});
}

TEST_F(AgentRunsTest, AreOrderedWithAllThatTheyNeed) {
    attach("desktop");
    RunRecord wanted = runs->starter().backup("ann", "desktop", {{"/etc", "/home"}, {"*.o"}},
                                              "main", {{"workers", "2"}, {"tags", "a,b"}});
    const std::int64_t run = runs->add(wanted);
    runs->work();
    const Coffer::RunOrder order = agents.lastOrder();
    EXPECT_EQ(order.run, run);
    EXPECT_EQ(order.attempt, 1U);
    EXPECT_STREQ(order.kind.in(), "backup");
    EXPECT_STREQ(order.store.in(), "");
    EXPECT_EQ(rpc::toBytes(order.token), (Bytes{1, 2, 3}));
    EXPECT_EQ(rpc::toAbsolutePaths(order.what), (Texts{"/etc", "/home"}));
    EXPECT_EQ(rpc::toTexts(order.patterns), Texts{"*.o"});
    const std::string snapshot =
        snapshotOf(runs->get(run), repositories.open("main")->config().repositoryId).hex();
    EXPECT_EQ(rpc::toMap(order.options),
              (rpc::SettingMap{{"workers", "2"}, {"snapshot", snapshot}}));

    EXPECT_EQ(granted.kind, rpc::RunGrant::Kind::backup);
    EXPECT_EQ(granted.run, run);
    EXPECT_EQ(granted.attempt, 1U);
    EXPECT_EQ(granted.snapshot, snapshot);
    EXPECT_EQ(granted.tags, (Texts{"a", "b"}));
    EXPECT_EQ(granted.repository, "main");
    EXPECT_EQ(granted.agent, "desktop");
    EXPECT_EQ(granted.agentId, agents.identity("desktop").id);
    EXPECT_EQ(granted.expires.seconds - clock.now().seconds, 7 * 24 * 3600);
    // The repository knows by whom it is about to be written to.
    EXPECT_EQ(repositories.open("main")->ledger().agentKey(agents.identity("desktop").id),
              agents.identity("desktop").verifyKey);
}

TEST_F(AgentRunsTest, AgentsThatKnowStoresAreSentToTheOneBesideTheServer) {
    settings.store = "store.example:2425";
    begin();
    for (const bool knows : {false, true}) {
        AgentCalls::Identity identity = agents.identity("desktop");
        identity.knowsStores = knows;
        agents.know("desktop", identity);
        attach("desktop");
        running("desktop");
        EXPECT_STREQ(agents.lastOrder().store.in(), knows ? "store.example:2425" : "");
    }
}

TEST_F(AgentRunsTest, RestoresAreGrantedWhatTheyAskFor) {
    attach("desktop");
    const std::int64_t run = runs->add(runs->starter().restore(
        "ann", "main", "latest", {"/home/a.txt"}, "desktop", "/tmp/x", {{"overwrite", "never"}}));
    const std::uint64_t generation = repositories.open("main")->ledger().head().sequence;
    runs->work();
    EXPECT_EQ(granted.kind, rpc::RunGrant::Kind::restore);
    EXPECT_EQ(granted.snapshot, repositories.snapshot);
    EXPECT_EQ(granted.paths, Texts{"/home/a.txt"});
    EXPECT_EQ(rpc::textOf(agents.lastOrder().target), "/tmp/x");
    // Who only reads is not entered as one who writes.
    EXPECT_EQ(repositories.open("main")->ledger().head().sequence, generation);
    // A restore needs no snapshot in its result, and keeps the one it was made from.
    Coffer::RunResult done = result(run, 1, "succeeded");
    done.snapshot = "";
    runs->listener().finished("desktop", done);
    EXPECT_EQ(state(run), "succeeded");
    EXPECT_EQ(runs->get(run).snapshot, repositories.snapshot);
}

TEST_F(AgentRunsTest, TheLatestIsThatOfAnAgentIfOneIsNamed) {
    agentNames = [] { return [](const AgentId&) { return std::string("laptop"); }; };
    begin();
    const auto restore = [&](const std::string& snapshot, const std::string& agent) {
        return runs->starter().restore("ann", "main", snapshot, {}, "desktop", "/tmp/x",
                                       {{"only-agent", agent}, {"overwrite", "never"}});
    };
    const RunRecord run = restore("latest", "laptop");
    EXPECT_EQ(run.snapshot, repositories.snapshot);
    EXPECT_EQ(run.options, (RunTexts{{"overwrite", "never"}})) << "agents know no such option";
    expectError(
        ErrorCode::notFound, [&] { restore("latest", "desk"); }, "no snapshot of agent desk");
    expectError(ErrorCode::invalidArgument, [&] { restore(repositories.snapshot, "laptop"); });
}

TEST_F(AgentRunsTest, ParkUntilTheirAgentAttaches) {
    const std::int64_t run = backup();
    EXPECT_EQ(state(run), "parked");
    EXPECT_EQ(message(run), "the agent is away");
    runs->work();
    attach("desktop");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{});
    attach("laptop");
    EXPECT_EQ(state(run), "queued");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"start 1/1"});
    EXPECT_EQ(state(run), "running");
    EXPECT_EQ(message(run), "");
}

TEST_F(AgentRunsTest, GoOnWithTheirWorkerAfterACutConnection) {
    attach("laptop");
    const std::int64_t run = running();
    detach("laptop");
    EXPECT_EQ(state(run), "parked");
    attach("laptop", {news(run, 1, {{"files", "7"}}, "finishing")});
    EXPECT_EQ(state(run), "running");
    EXPECT_EQ(runs->get(run).phase, "finishing");
    EXPECT_EQ(runs->get(run).counts.at("files"), "7");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{});
    finish(run, 1, "succeeded");
    EXPECT_EQ(state(run), "succeeded");
    EXPECT_EQ(told(run),
              (Texts{"run-ordered", "run-started", "run-parked", "run-started", "run-ended"}));
}

TEST_F(AgentRunsTest, WaitForAResultThatIsAnnounced) {
    attach("laptop");
    const std::int64_t run = running();
    detach("laptop");
    attach("laptop", {}, {run});
    EXPECT_EQ(state(run), "running");
    EXPECT_EQ(runs->get(run).phase, "finishing");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{});
    finish(run, 1, "warnings");
    EXPECT_EQ(state(run), "warnings");
}

TEST_F(AgentRunsTest, AreOrderedAgainWhenTheAgentHasLostThem) {
    attach("laptop");
    const std::int64_t run = running();
    detach("laptop");
    attach("laptop");
    EXPECT_EQ(state(run), "queued");
    clock.advance(2);
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"start 1/2"});
    EXPECT_EQ(attempt(run), 2U);
}

// What turns out damaged from then on may be of the backup.
TEST_F(AgentRunsTest, BeginAtTheGenerationThatTheirRepositoryHas) {
    attach("laptop");
    const std::int64_t run = running();
    const std::uint64_t begun = runs->get(run).generation;
    EXPECT_EQ(begun, repositories.open("main")->ledger().head().sequence);
    const auto orderAgain = [&] {
        detach("laptop");
        attach("laptop");
        clock.advance(10);
        runs->work();
        EXPECT_EQ(state(run), "running");
    };
    const AgentIdentity other = AgentIdentity::random();
    repositories.open("main")->enrol(other.id, other.sign.verifyKey());
    orderAgain();
    EXPECT_EQ(runs->get(run).generation, begun);
    // Lost, and taken over from a replica that knows less.
    const std::uint64_t head = repositories.open("main")->ledger().head().sequence;
    database->change([](SqlDatabase& it) { it.execute("UPDATE runs SET generation=1000000"); });
    orderAgain();
    EXPECT_EQ(runs->get(run).generation, head);
}

// It was cut behind its commit: nobody is asked to do it again.
TEST_F(AgentRunsTest, EndWithTheSnapshotThatAnAttemptBeforeHasMade) {
    attach("laptop");
    const std::int64_t run = running();
    const SnapshotId made = repositories.commit(
        snapshotOf(runs->get(run), repositories.open("main")->config().repositoryId));
    detach("laptop");
    attach("laptop");
    EXPECT_EQ(state(run), "queued");
    clock.advance(2);
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{});
    const RunRecord done = runs->get(run);
    EXPECT_EQ(state(run), "succeeded");
    EXPECT_EQ(done.snapshot, made.hex());
    EXPECT_EQ(done.counts.at("files"), "1");
    EXPECT_EQ(told(run).back(), "run-ended");
}

TEST_F(AgentRunsTest, HaveSucceededWhateverTheirAgentSaysOnceTheSnapshotIsThere) {
    attach("laptop");
    for (const char* outcome : {"failed", "interrupted"}) {
        const std::int64_t run = running();
        const SnapshotId made = repositories.commit(
            snapshotOf(runs->get(run), repositories.open("main")->config().repositoryId));
        finish(run, 1, outcome);
        EXPECT_EQ(state(run), "succeeded");
        EXPECT_EQ(runs->get(run).snapshot, made.hex());
    }
    // Who wanted it to end has had it ended.
    const std::int64_t run = running();
    finish(run, 1, "failed");
    EXPECT_EQ(state(run), "failed");
}

TEST_F(AgentRunsTest, CommitUnderAnIdOfTheirOwn) {
    const auto repository = randomId<RepositoryId>();
    RunRecord run;
    run.number = 7;
    run.agent = "laptop";
    run.ordered = clock.now();
    const SnapshotId id = snapshotOf(run, repository);
    run.stand.attempt = 3;
    run.message = "whatever";
    EXPECT_EQ(snapshotOf(run, repository), id);
    RunRecord other = run;
    other.number = 8;
    EXPECT_NE(snapshotOf(other, repository), id);
    other = run;
    other.agent = "desktop";
    EXPECT_NE(snapshotOf(other, repository), id);
    other = run;
    ++other.ordered.nanoseconds;
    EXPECT_NE(snapshotOf(other, repository), id);
    EXPECT_NE(snapshotOf(run, randomId<RepositoryId>()), id);
}

TEST_F(AgentRunsTest, AreOrderedAgainWithoutADetach) {
    attach("laptop");
    const std::int64_t lost = running();
    const std::int64_t kept = running();
    attach("laptop", {news(kept, 1)});
    EXPECT_EQ(state(lost), "queued");
    EXPECT_EQ(state(kept), "running");
}

TEST_F(AgentRunsTest, OfAnEarlierAttemptAreNotTheRun) {
    attach("laptop");
    const std::int64_t run = running();
    finish(run, 1, "interrupted");
    clock.advance(10);
    runs->work();
    EXPECT_EQ(attempt(run), 2U);
    attach("laptop", {news(run, 1)});  // stopping, as far as it knows
    EXPECT_EQ(state(run), "queued");
    agents.heard();
    clock.advance(10);
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"start 1/3"});
    runs->listener().progress("laptop", news(run, 2, {{"files", "5"}}));
    EXPECT_FALSE(runs->get(run).counts.contains("files"));
    finish(run, 1, "succeeded");
    finish(run, 2, "failed");
    EXPECT_EQ(state(run), "running");
    finish(run, 3, "succeeded");
    EXPECT_EQ(state(run), "succeeded");
}

TEST_F(AgentRunsTest, AreOrderedAgainWhenTheAnnouncedResultWasOfAnEarlierAttempt) {
    attach("laptop");
    const std::int64_t run = running();
    attach("laptop");
    clock.advance(2);
    runs->work();
    EXPECT_EQ(attempt(run), 2U);
    attach("laptop", {}, {run});
    EXPECT_EQ(state(run), "running");
    finish(run, 1, "interrupted");
    EXPECT_EQ(state(run), "queued");
    clock.advance(10);
    runs->work();
    EXPECT_EQ(attempt(run), 3U);
}

TEST_F(AgentRunsTest, AreNotWaitedForWhenTheirResultIsKnown) {
    attach("laptop");
    const std::int64_t run = running();
    finish(run, 1, "interrupted");
    attach("laptop", {}, {run});  // the answer was lost: it is about to tell it once more
    EXPECT_EQ(state(run), "queued");
    finish(run, 1, "interrupted");
    attach("laptop", {news(run, 1)});
    EXPECT_EQ(state(run), "queued");
    clock.advance(10);
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"start 1/2"});
}

TEST_F(AgentRunsTest, ThatWereNeverOrderedCannotBeAtWork) {
    const std::int64_t run = backup();
    for (int i = 0; i < 2; ++i) {
        attach("laptop", {news(run, 0)}, {run});
        EXPECT_EQ(state(run), "queued");
        finish(run, 0, "failed");
        EXPECT_EQ(state(run), "queued");
        EXPECT_EQ(runs->get(run).problems, 0U);
    }
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"start 1/1"});
}

TEST_F(AgentRunsTest, GoOnAfterAnInterruptionWithAPause) {
    attach("laptop");
    const std::int64_t run = running();
    Coffer::RunResult end = result(run, 1, "interrupted");
    end.message = "the worker was killed";
    runs->listener().finished("laptop", end);
    EXPECT_EQ(state(run), "queued");
    EXPECT_EQ(message(run), "the worker was killed");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{});
    clock.advance(2);
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"start 1/2"});
    // Told once more, after the answer was lost: of an attempt that is over.
    runs->listener().finished("laptop", end);
    EXPECT_EQ(state(run), "running");
    EXPECT_EQ(told(run), (Texts{"run-ordered", "run-started", "run-interrupted", "run-started"}));
}

TEST_F(AgentRunsTest, GoOnWhenAWorkerDiesBeforeItsOrderIsAnswered) {
    attach("laptop");
    const std::int64_t run = backup();
    agents.answer([&](const auto&) {
        agents.answer({});
        finish(run, 1, "interrupted");
    });
    runs->work();
    EXPECT_EQ(state(run), "queued");
    clock.advance(2);
    runs->work();
    EXPECT_EQ(agents.heard(), (Texts{"start 1/1", "start 1/2"}));
    EXPECT_EQ(state(run), "running");
}

TEST_F(AgentRunsTest, KeepPausingAfterTheAgentAttachedAnew) {
    attach("laptop");
    const std::int64_t run = running();
    for (std::uint32_t i = 1; i <= 4; ++i) {
        finish(run, i, "interrupted");
        clock.advance(600);
        runs->work();
    }
    finish(run, 5, "interrupted");  // in vain for the fifth time: 32 s
    agents.heard();
    attach("laptop");
    clock.advance(31);
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{});
    clock.advance(1);
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{"start 1/6"});
}

TEST_F(AgentRunsTest, FailWhenTheyAreInterruptedInVain) {
    attach("laptop");
    const std::int64_t run = running();
    std::uint32_t attempts = 1;
    for (; state(run) == "running" && attempts < 100; ++attempts) {
        finish(run, attempts, "interrupted");
        clock.advance(600);
        runs->work();
    }
    EXPECT_EQ(attempts - 1, RunEffort::mostFruitless);
    EXPECT_EQ(state(run), "failed");
    EXPECT_NE(message(run).find("10 times"), std::string::npos) << message(run);
}

TEST_F(AgentRunsTest, AreTriedForEverWhileTheyGetOn) {
    attach("laptop");
    const std::int64_t run = running();
    for (std::uint32_t i = 1; i < 50; ++i) {
        Coffer::RunResult end = result(run, i, "interrupted");
        end.counts = rpc::toSettings({{"files", std::to_string(i)}});
        runs->listener().finished("laptop", end);
        ASSERT_EQ(state(run), "queued");
        clock.advance(2);
        runs->work();
    }
    EXPECT_EQ(state(run), "running");
}

TEST_F(AgentRunsTest, FailWhenTheyAreLostInVain) {
    attach("laptop");
    const std::int64_t run = running();
    for (unsigned i = 0; i < RunEffort::mostFruitless; ++i) {
        EXPECT_EQ(state(run), "running") << i;
        attach("laptop");
        clock.advance(600);
        runs->work();
    }
    EXPECT_EQ(state(run), "failed");
}

TEST_F(AgentRunsTest, EndOnceHoweverOftenTheResultIsTold) {
    attach("laptop");
    const std::int64_t run = running();
    finish(run, 1, "warnings");
    const std::size_t before = told(run).size();
    clock.advance(10);
    finish(run, 1, "warnings");
    finish(run, 1, "failed");
    EXPECT_EQ(state(run), "warnings");
    EXPECT_EQ(told(run).size(), before);
    EXPECT_EQ(clock.now().seconds - runs->get(run).ended->seconds, 10);
}

TEST_F(AgentRunsTest, KeepResultsForGood) {
    attach("laptop");
    const std::int64_t run = running();
    Coffer::RunResult end = result(run, 1, "warnings");
    end.message = "2 problems";
    end.counts = rpc::toSettings({{"files", "100"}, {"bytes", "12345"}});
    end.problems.length(1);
    end.problems[0].where = rpc::toPath("/home/\xff");
    end.problems[0].code = "permission-denied";
    end.problems[0].message = "open: Permission denied";
    runs->listener().finished("laptop", end);
    begin();
    const RunRecord kept = runs->get(run);
    EXPECT_EQ(kept.stand.state, RunState::warnings);
    EXPECT_EQ(kept.message, "2 problems");
    EXPECT_EQ(kept.counts, (RunTexts{{"bytes", "12345"}, {"files", "100"}}));
    EXPECT_EQ(kept.problems, 1U);
    EXPECT_EQ(runs->problems(run),
              (std::vector<RunProblemRecord>{
                  {"/home/\xff", "permission-denied", "open: Permission denied"}}));
}

TEST_F(AgentRunsTest, WhatHooksPrintedIsInTheLogAlone) {
    attach("laptop");
    const std::int64_t run = running();
    const auto entry = [](Coffer::RunProblem& problem, const char* code, const char* message) {
        problem.where = rpc::toPath("/etc/coffer/hooks/dump");
        problem.code = code;
        problem.message = message;
    };
    Coffer::RunResult cut = result(run, 1, "interrupted");
    cut.problems.length(3);
    entry(cut.problems[0], "hook", "printed at the first attempt");
    entry(cut.problems[1], "hook-failed", "no such program");
    entry(cut.problems[2], "io-error", "comes again with the next attempt");
    runs->listener().finished("laptop", cut);
    EXPECT_TRUE(runs->problems(run).empty());
    clock.advance(60);
    runs->work();
    Coffer::RunResult end = result(run, 2, "warnings");
    end.problems.length(2);
    entry(end.problems[0], "hook", "printed");
    entry(end.problems[1], "hook-failed", "exit code 3");
    runs->listener().finished("laptop", end);
    EXPECT_EQ(state(run), "warnings");
    EXPECT_EQ(runs->get(run).problems, 1U);
    EXPECT_EQ(
        runs->problems(run),
        (std::vector<RunProblemRecord>{{"/etc/coffer/hooks/dump", "hook-failed", "exit code 3"}}));
    const RunLogPage page =
        runs->logOf(run, {.codes = {"hook", "hook-failed", "io-error"}}, 0, 100);
    Texts said;
    for (const RunLogEntry& line : page.entries) {
        said.push_back(std::string(nameOf(line.level)) + " " + line.message);
    }
    EXPECT_EQ(said, (Texts{"info printed at the first attempt", "warning no such program",
                           "info printed", "warning exit code 3"}));
}

TEST_F(AgentRunsTest, OrdersNameTheTask) {
    attach("laptop");
    RunRecord wanted = runs->starter().backup("ann", "laptop", {{"/etc"}, {}}, "main",
                                              {{"hook-before", "/etc/coffer/hooks/dump"}});
    wanted.task = "office";
    runs->add(wanted);
    runs->work();
    const auto options = rpc::toMap(agents.lastOrder().options);
    EXPECT_EQ(options.at("task"), "office");
    EXPECT_EQ(options.at("hook-before"), "/etc/coffer/hooks/dump");
}

TEST_F(AgentRunsTest, OfOthersAreNotTouched) {
    attach("laptop");
    attach("desktop");
    const std::int64_t run = running("laptop");
    expectError(
        ErrorCode::notFound, [&] { finish(run, 1, "failed", "desktop"); }, "there is no run 1");
    expectError(
        ErrorCode::notFound, [&] { finish(99, 1, "failed", "desktop"); }, "there is no run 99");
    runs->listener().progress("desktop", news(run, 1, {{"files", "5"}}));
    EXPECT_FALSE(runs->get(run).counts.contains("files"));
    attach("desktop", {news(run, 1), news(99, 1)}, {run});
    EXPECT_EQ(state(run), "running");
    runs->work();
    EXPECT_EQ(agents.heard(), (Texts{"cancel 1", "cancel 99"}));
    detach("desktop");
    runs->listener().revoked("desktop");
    EXPECT_EQ(state(run), "running");
    const std::int64_t verification =
        runs->add(runs->starter().ofRepository(run_kind::verify, "ann", "main", {}));
    expectError(ErrorCode::notFound, [&] { finish(verification, 1, "failed", ""); });
}

TEST_F(AgentRunsTest, AreNotBackedUpOnTheAgentsWordAlone) {
    attach("laptop");
    attach("desktop");
    for (const char* claimed : {"", "00000000000000000000000000000000"}) {
        const std::int64_t run = running("laptop");
        Coffer::RunResult lie = result(run, 1, "succeeded");
        lie.snapshot = claimed;
        runs->listener().finished("laptop", lie);
        EXPECT_EQ(state(run), "failed");
        EXPECT_EQ(runs->get(run).snapshot, "");
    }
    // Another agent's snapshot is not its own.
    const std::int64_t run = running("desktop");
    finish(run, 1, "succeeded", "desktop");
    EXPECT_EQ(state(run), "failed");
}

TEST_F(AgentRunsTest, StayOpenWhileTheRepositoryCannotBeAsked) {
    attach("laptop");
    const std::int64_t run = running();
    repositories.opening = [](const std::string&) { throw Error(ErrorCode::busy, "locked"); };
    expectError(ErrorCode::busy, [&] { finish(run, 1, "succeeded"); });
    EXPECT_EQ(state(run), "running");
    repositories.opening = {};
    finish(run, 1, "succeeded");
    EXPECT_EQ(state(run), "succeeded");
}

TEST_F(AgentRunsTest, EndWithARevokedAgent) {
    attach("laptop");
    const std::int64_t atWork = running();
    const std::int64_t other = backup("desktop");
    detach("laptop");
    const std::int64_t waits = backup();
    runs->listener().revoked("laptop");
    EXPECT_EQ(state(atWork), "failed");
    EXPECT_EQ(state(waits), "failed");
    EXPECT_EQ(state(other), "parked");
    EXPECT_EQ(message(waits), "the agent has been revoked");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{});
    agents.revoke("laptop");
    expectError(ErrorCode::conflict, [&] { runs->resume(waits); });
    EXPECT_EQ(state(waits), "failed");
}

TEST_F(AgentRunsTest, ShowHowFarTheyAre) {
    attach("laptop");
    const std::int64_t run = running();
    runs->listener().progress("laptop", news(run, 1, {{"files", "5"}}));
    EXPECT_EQ(runs->get(run).counts.at("files"), "5");
    EXPECT_EQ(runs->newest(100, 10).front().counts.at("files"), "5");
    runs->tick();
    runs->listener().progress("laptop", news(run, 1, {{"files", "6"}}));
    EXPECT_EQ(runs->get(run).counts.at("files"), "6");
    // What was written down outlives the server, and the rest does not matter.
    begin();
    EXPECT_EQ(state(run), "parked");
    EXPECT_EQ(runs->get(run).counts.at("files"), "5");
}

TEST_F(AgentRunsTest, BeginTheirWorkWhenTheyNeedNotWaitAtTheAgent) {
    attach("laptop");
    const std::int64_t run = running();
    const std::int64_t ordered = clock.now().seconds;
    runs->listener().progress("laptop", news(run, 1, {}, "waiting"));
    EXPECT_EQ(runs->get(run).started->seconds, ordered);
    clock.advance(100);
    runs->listener().progress("laptop", news(run, 1, {}, "running"));
    clock.advance(10);
    finish(run, 1, "succeeded");
    EXPECT_EQ(runs->get(run).started->seconds, ordered + 100);
}

TEST_F(AgentRunsTest, TakeOnlyWhatMakesSense) {
    attach("laptop");
    const std::int64_t run = running();
    runs->listener().progress(
        "laptop", news(run, 1, {{"files", "1"}, {"bytes", "-1"}, {"Name", "1"}, {"x", "text"}},
                       std::string(1'000'000, 'p').c_str()));
    EXPECT_EQ(runs->get(run).counts, (RunTexts{{"files", "1"}}));
    EXPECT_LE(runs->get(run).phase.size(), 40U);
    Coffer::RunResult end = result(run, 1, "done");
    expectError(ErrorCode::invalidArgument, [&] { runs->listener().finished("laptop", end); });
    end = result(run, 1, "failed");
    end.snapshot = "../../etc/passwd";
    expectError(ErrorCode::invalidArgument, [&] { runs->listener().finished("laptop", end); });
    EXPECT_EQ(state(run), "running");
}

TEST_F(AgentRunsTest, KeepTheFirstThousandProblems) {
    attach("laptop");
    const std::int64_t run = running();
    Coffer::RunResult end = result(run, 1, "failed");
    end.message = std::string(1'000'000, 'm').c_str();
    end.problems.length(1'500);
    end.counts = rpc::toSettings({{"problems", "7000"}});
    runs->listener().finished("laptop", end);
    EXPECT_EQ(runs->problems(run).size(), 1'000U);
    EXPECT_EQ(runs->get(run).problems, 7'000U);
    EXPECT_EQ(message(run).size(), longestRunMessage);
}

TEST_F(AgentRunsTest, KeepFewProblemsWithHugePaths) {
    attach("laptop");
    const std::int64_t run = running();
    Coffer::RunResult end = result(run, 1, "failed");
    end.problems.length(100);
    for (CORBA::ULong i = 0; i < 100; ++i) {
        end.problems[i].where = rpc::toPath(std::string(1 << 20, 'x'));
    }
    runs->listener().finished("laptop", end);
    EXPECT_EQ(runs->problems(run).size(), 4U);
    EXPECT_EQ(runs->get(run).problems, 100U);
}

}  // namespace
}  // namespace coffer
