#include "management_server/runs/commit_prover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "management_server/runs/run_snapshot.h"
#include "tests/management_server/runs/runs_fixture.h"

namespace coffer {
namespace {

using testing::HasSubstr;

/// Backups whose snapshot counts on packs that nobody has verified.
struct CommitProverTest : RunsFixture {
    CommitProverTest() {
        attach("laptop");
        repositories.setPacks(PackState::received);
    }

    std::int64_t committed(const char* outcome = "succeeded") {
        const std::int64_t run = running();
        finish(run, 1, outcome);
        return run;
    }

    // Looks again and again, as a server that is up.
    void stayUp(std::int64_t seconds) {
        for (; seconds > 0; seconds -= SteadyTime::longestStep) {
            clock.advance(std::min(seconds, SteadyTime::longestStep));
            runs->work();
        }
    }
};

TEST_F(CommitProverTest, ABackupEndsWhenAllThatItStoredIsVerified) {
    clock.advance(5);
    const std::int64_t run = committed();
    runs->work();
    EXPECT_EQ(state(run), "verifying");
    const RunRecord seen = runs->get(run);
    EXPECT_EQ(seen.committed, clock.now());
    EXPECT_EQ(seen.snapshot, repositories.snapshot);
    EXPECT_FALSE(seen.ended);
    clock.advance(60);
    repositories.setPacks(PackState::verified);
    runs->work();
    EXPECT_EQ(state(run), "succeeded");
    EXPECT_EQ(runs->get(run).ended, clock.now());
    EXPECT_EQ(runs->get(run).committed, seen.committed);
    EXPECT_EQ(told(run), (Texts{"run-ordered", "run-started", "run-committed", "run-ended"}));
}

TEST_F(CommitProverTest, WhatHadProblemsEndsWithThem) {
    const std::int64_t run = committed("warnings");
    repositories.setPacks(PackState::verified);
    runs->work();
    EXPECT_EQ(state(run), "warnings");
    EXPECT_FALSE(runs->get(run).counts.contains(unverifiedCount));
}

TEST_F(CommitProverTest, NothingIsVerifiedWhereNothingWasStored) {
    repositories.setPacks(PackState::verified);
    const std::int64_t run = committed();
    EXPECT_EQ(state(run), "succeeded");
    EXPECT_EQ(told(run), (Texts{"run-ordered", "run-started", "run-ended"}));
    EXPECT_FALSE(runs->get(run).committed);
}

TEST_F(CommitProverTest, SlotsAreFreeFromTheCommitOn) {
    settings.slots.ofAgent = 1;
    begin();
    attach("laptop");
    const std::int64_t first = committed();
    EXPECT_EQ(state(first), "verifying");
    const std::int64_t second = backup();
    runs->work();
    EXPECT_EQ(state(second), "running");
    EXPECT_EQ(runs->queued(10).size(), 0U);
}

TEST_F(CommitProverTest, DamageEndsItFailedAndNamesWhatIsLost) {
    const std::int64_t run = committed();
    repositories.damagePacks();
    runs->work();
    EXPECT_EQ(state(run), "failed");
    const PackId pack = repositories.open("main")->ledger().packs().front().registration.pack;
    EXPECT_THAT(message(run), HasSubstr(pack.hex()));
    EXPECT_THAT(message(run), HasSubstr("Back up again"));
    ASSERT_FALSE(runs->problems(run).empty());
    EXPECT_EQ(runs->problems(run).front().code, "corrupt");
    EXPECT_EQ(runs->get(run).problems, runs->problems(run).size());
    EXPECT_EQ(told(run).back(), "run-ended");
    // When it was stored anew meanwhile, who resumes the run finds it sound.
    repositories.reset();
    runs->resume(run);
    EXPECT_EQ(state(run), "queued");
    runs->work();
    finish(run, 2, "succeeded");
    EXPECT_EQ(state(run), "succeeded");
}

TEST_F(CommitProverTest, DamageBeforeItBeganIsNoneOfItsOwn) {
    repositories.setPacks(PackState::suspect);
    const std::int64_t run = committed();
    EXPECT_EQ(state(run), "succeeded") << "what was suspect then was missing to it, and sent again";
}

// It was ahead of that of the repository when the run was ordered, and right when damage was found.
TEST_F(CommitProverTest, DamageIsItsOwnWhateverTheClockSaid) {
    const std::int64_t ahead =
        repositories.fixture.clock.now().seconds - clock.now().seconds + 1'000;
    clock.advance(ahead);
    const std::int64_t run = committed();
    clock.advance(-ahead);
    repositories.damagePacks();
    runs->work();
    EXPECT_EQ(state(run), "failed");
    repositories.reset();
}

TEST_F(CommitProverTest, ASuspectPackWhoseChunksAreSoundHarmsNobody) {
    const std::int64_t run = committed();
    repositories.setPacks(PackState::suspect);  // all of its blocks can be read
    runs->work();
    EXPECT_EQ(state(run), "succeeded");
}

TEST_F(CommitProverTest, IsTakenUpByTheNextServer) {
    const std::int64_t run = committed("warnings");
    begin();
    EXPECT_EQ(state(run), "verifying");
    attach("laptop");
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{});
    EXPECT_EQ(state(run), "verifying");
    repositories.setPacks(PackState::verified);
    runs->work();
    EXPECT_EQ(state(run), "warnings");
}

TEST_F(CommitProverTest, NeedsNoAgent) {
    const std::int64_t run = committed();
    detach("laptop");
    EXPECT_EQ(state(run), "verifying");
    runs->listener().revoked("laptop");
    EXPECT_EQ(state(run), "verifying");
    repositories.setPacks(PackState::verified);
    runs->work();
    EXPECT_EQ(state(run), "succeeded");
}

TEST_F(CommitProverTest, WaitsADayForARepositoryThatIsAway) {
    const std::int64_t run = committed();
    repositories.opening = [](const std::string&) {
        throw Error(ErrorCode::ioError, "the disk is away");
    };
    runs->work();
    EXPECT_EQ(state(run), "verifying");
    EXPECT_EQ(runs->get(run).phase, "waiting for repository main");
    stayUp(CommitProver::mostSeconds - 1);
    EXPECT_EQ(state(run), "verifying");
    stayUp(1);
    EXPECT_EQ(state(run), "warnings");
    EXPECT_THAT(message(run), HasSubstr("not verified yet: the disk is away"));
    EXPECT_TRUE(runs->get(run).counts.contains(unverifiedCount));
}

TEST_F(CommitProverTest, WaitsForNoRepositoryThatTheServerHasNoMore) {
    const std::int64_t run = committed();
    repositories.opening = [](const std::string& name) {
        throw Error(ErrorCode::notFound, "there is no repository '" + name + "'");
    };
    runs->work();
    EXPECT_EQ(state(run), "warnings");
}

TEST_F(CommitProverTest, WaitsADayForPacksThatNobodyVerifies) {
    const std::int64_t run = committed();
    stayUp(CommitProver::mostSeconds);
    EXPECT_EQ(state(run), "warnings");
    EXPECT_THAT(message(run), HasSubstr("to go"));
}

// Nor does a server that was away for a year give up what it can verify now.
TEST_F(CommitProverTest, AJumpOfTheClockEndsNothing) {
    for (const std::int64_t jump : {std::int64_t{31'536'000}, std::int64_t{-31'536'000}}) {
        SCOPED_TRACE(jump);
        repositories.setPacks(PackState::received);
        const std::int64_t proven = committed();
        clock.advance(jump);
        runs->work();
        EXPECT_EQ(state(proven), "verifying");
        stayUp(CommitProver::leastSeconds - 1);
        EXPECT_EQ(state(proven), "verifying");
        repositories.setPacks(PackState::verified);
        stayUp(1);
        EXPECT_EQ(state(proven), "succeeded");

        repositories.setPacks(PackState::received);
        const std::int64_t unproven = committed();
        clock.advance(jump);
        runs->work();
        stayUp(CommitProver::leastSeconds - 1);
        EXPECT_EQ(state(unproven), "verifying");
        stayUp(1);
        EXPECT_EQ(state(unproven), "warnings");
    }
}

TEST_F(CommitProverTest, CancelledItKeepsItsSnapshot) {
    const std::int64_t run = committed();
    expectError(ErrorCode::conflict, [&] { runs->pause(run, ""); });
    expectError(ErrorCode::conflict, [&] { runs->resume(run); });
    runs->cancel(run);
    EXPECT_EQ(state(run), "warnings");
    EXPECT_THAT(message(run), HasSubstr("not verified yet: it was cancelled"));
    EXPECT_EQ(runs->get(run).snapshot, repositories.snapshot);
    runs->work();
    EXPECT_EQ(agents.heard(), Texts{});
}

TEST_F(CommitProverTest, ASnapshotThatIsForgottenIsNotProven) {
    const std::int64_t run = running();
    const SnapshotId made = repositories.commit(
        snapshotOf(runs->get(run), repositories.open("main")->config().repositoryId));
    finish(run, 1, "failed");
    EXPECT_EQ(state(run), "verifying");
    repositories.open("main")->forget(made);
    runs->work();
    EXPECT_EQ(state(run), "warnings");
    EXPECT_THAT(message(run), HasSubstr("forgotten"));
    EXPECT_TRUE(runs->get(run).counts.contains(unverifiedCount));
}

TEST_F(CommitProverTest, ACommitIsToldAlsoBehindAWishToStop) {
    const std::int64_t run = running();
    runs->pause(run, "");
    finish(run, 1, "succeeded");
    EXPECT_EQ(state(run), "verifying");
    EXPECT_EQ(told(run).back(), "run-committed");
}

TEST_F(CommitProverTest, ALimitOfItsTimeIsNoneOfItsProof) {
    const std::int64_t run = committed();
    expectError(ErrorCode::conflict, [&] { runs->cancel(run, "it took too long"); });
    EXPECT_EQ(state(run), "verifying");
}

TEST_F(CommitProverTest, LeavesARepositoryThatFailsAloneForAWhile) {
    const std::int64_t run = committed();
    int tries = 0;
    repositories.opening = [&](const std::string&) {
        ++tries;
        throw Error(ErrorCode::ioError, "the disk is away");
    };
    for (int i = 0; i < 5; ++i) runs->work();
    EXPECT_EQ(tries, 1);
    clock.advance(CommitProver::pauseSeconds);
    repositories.opening = {};
    repositories.setPacks(PackState::verified);
    runs->work();
    EXPECT_EQ(state(run), "succeeded");
}

TEST_F(CommitProverTest, DamageIsSearchedForAllAtOnceAndHarmsWhomItHarms) {
    const std::int64_t first = committed();
    const std::int64_t second = committed();
    repositories.damagePacks();
    runs->work();
    for (const std::int64_t run : {first, second}) {
        EXPECT_EQ(state(run), "failed");
        EXPECT_FALSE(runs->problems(run).empty());
    }
}

TEST_F(CommitProverTest, RoomForRunsIsNotTakenByThem) {
    settings.limits.activeOfAgent = 1;
    begin();
    attach("laptop");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(state(committed()), "verifying");
}

}  // namespace
}  // namespace coffer
