// Marks, locks, and the way of a snapshot out of a repository.
#include <gtest/gtest.h>

#include <thread>

#include "core/base/random.h"
#include "core/repository/write_session.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

constexpr std::int64_t day = 86400;

struct RepositorySnapshots : testing::Test {
    TestRepository setting;
    SnapshotId first = setting.commit("one");
    SnapshotId second = setting.commit("two");

    Timestamp in(std::int64_t seconds) const { return {setting.clock.now().seconds + seconds, 0}; }
    void lock(const SnapshotId& id, std::optional<Timestamp> until) {
        setting->mark(id, [&](SnapshotMark& mark) { mark.lockedUntil = until; });
    }
    void tag(const SnapshotId& id, const std::string& tag) {
        setting->mark(id, [&](SnapshotMark& mark) { mark.addTag(tag); });
    }
    void trash(const SnapshotId& id, Timestamp due) { setting->trash(std::span(&id, 1), due); }
    void untrash(const SnapshotId& id) { setting->untrash(std::span(&id, 1)); }
    std::optional<SnapshotInfo> info(const SnapshotId& id) {
        return setting->ledger().snapshot(id);
    }
    std::uint64_t generation() { return setting->ledger().head().sequence; }
    bool objectIsThere(const SnapshotId& id) { return setting.store.size(snapshotName(id)) > 0; }

    // All that is known comes from the repository.
    void loseTheServer() {
        setting.removeLedger();
        setting.open();
    }
};

TEST_F(RepositorySnapshots, MarksOutliveTheServer) {
    tag(first, "release");
    tag(first, "audit");
    lock(first, in(day));
    tag(second, "other");
    loseTheServer();
    EXPECT_EQ(info(first)->mark, (SnapshotMark{in(day), {"audit", "release"}}));
    EXPECT_EQ(info(second)->mark, (SnapshotMark{{}, {"other"}}));
    EXPECT_TRUE(info(first)->isShown());
}

TEST_F(RepositorySnapshots, MarkThatChangesNothingWritesNothing) {
    tag(first, "release");
    const std::uint64_t before = generation();
    tag(first, "release");
    lock(first, std::nullopt);
    EXPECT_EQ(generation(), before);
}

TEST_F(RepositorySnapshots, LockedIsNeitherTrashedNorForgotten) {
    lock(first, in(day));
    const std::uint64_t before = generation();
    const SnapshotId both[] = {second, first};
    expectError(
        ErrorCode::conflict, [&] { setting->forget(first); }, "is locked until");
    expectError(
        ErrorCode::conflict, [&] { setting->forget(both); }, first.hex());
    expectError(
        ErrorCode::conflict, [&] { setting->trash(both, in(day)); }, first.hex());
    EXPECT_EQ(generation(), before);  // the other one was not touched either
    EXPECT_TRUE(objectIsThere(first));
    EXPECT_TRUE(objectIsThere(second));
    setting.clock.advance(day);
    setting->forget(first);
    EXPECT_FALSE(info(first));
}

TEST_F(RepositorySnapshots, LockOnlyGetsLonger) {
    lock(first, in(2 * day));
    expectError(
        ErrorCode::conflict, [&] { lock(first, in(day)); }, "not shorter");
    expectError(
        ErrorCode::conflict, [&] { lock(first, std::nullopt); }, "not shorter");
    tag(first, "still-possible");
    lock(first, in(3 * day));
    EXPECT_EQ(info(first)->mark.lockedUntil, in(3 * day));
    setting.clock.advance(4 * day);
    lock(first, in(day));  // it had run out
    setting.clock.advance(2 * day);
    lock(first, std::nullopt);
    EXPECT_FALSE(info(first)->mark.lockedUntil);
}

TEST_F(RepositorySnapshots, LockEndsInTheFutureWithinTenYears) {
    expectError(
        ErrorCode::invalidArgument, [&] { lock(first, in(0)); }, "future");
    expectError(
        ErrorCode::invalidArgument, [&] { lock(first, in(longestLock + 1)); }, "10 years");
    lock(first, in(longestLock));
    EXPECT_TRUE(info(first)->mark.isLocked(setting.clock.now()));
}

TEST_F(RepositorySnapshots, TrashedIsNotShownButThere) {
    trash(first, in(7 * day));
    for (int round = 0; round < 2; ++round) {
        ASSERT_TRUE(info(first));
        EXPECT_EQ(info(first)->due, in(7 * day));
        EXPECT_FALSE(info(first)->isShown());
        EXPECT_TRUE(info(second)->isShown());
        EXPECT_EQ(setting->ledger().snapshots().size(), 2U);
        EXPECT_TRUE(objectIsThere(first));
        loseTheServer();
    }
}

TEST_F(RepositorySnapshots, TrashedTwiceIsDueAsBefore) {
    trash(first, in(7 * day));
    trash(first, in(30 * day));
    EXPECT_EQ(info(first)->due, in(7 * day));
}

TEST_F(RepositorySnapshots, UntrashedIsAsItWas) {
    tag(first, "release");
    const SnapshotInfo before = *info(first);
    trash(first, in(day));
    untrash(first);
    untrash(first);
    loseTheServer();
    EXPECT_EQ(info(first)->mark, before.mark);
    EXPECT_EQ(info(first)->due, before.due);
    setting.clock.advance(2 * day);
    EXPECT_TRUE(setting->forgetDue(setting.clock.now()).empty());
}

TEST_F(RepositorySnapshots, TrashIsEmptiedWhenItIsDueAndNotBefore) {
    trash(first, in(7 * day));
    trash(second, in(8 * day));
    setting.clock.advance(7 * day - 1);
    EXPECT_TRUE(setting->forgetDue(setting.clock.now()).empty());
    setting.clock.advance(1);
    EXPECT_TRUE(setting->forgetDue(in(-1)).empty());
    EXPECT_EQ(setting->forgetDue(setting.clock.now()), std::vector{first});
    EXPECT_FALSE(info(first));
    EXPECT_FALSE(objectIsThere(first));
    EXPECT_TRUE(info(second));
    expectError(ErrorCode::notFound, [&] { untrash(first); });
    loseTheServer();
    EXPECT_FALSE(info(first));
    EXPECT_EQ(info(second)->due, in(day));
}

TEST_F(RepositorySnapshots, TrashedCanBeForgottenAtOnce) {
    trash(first, in(7 * day));
    setting->forget(first);
    EXPECT_FALSE(info(first));
    EXPECT_FALSE(objectIsThere(first));
}

TEST_F(RepositorySnapshots, TrashedIsNotMarked) {
    trash(first, in(day));
    expectError(
        ErrorCode::conflict, [&] { tag(first, "release"); }, "is forgotten");
    expectError(
        ErrorCode::conflict, [&] { lock(first, in(day)); }, "is forgotten");
}

TEST_F(RepositorySnapshots, SeveralAreChangedTogetherOrNotAtAll) {
    const SnapshotId some[] = {first, randomId<SnapshotId>()};
    const std::uint64_t before = generation();
    expectError(ErrorCode::notFound, [&] { setting->trash(some, in(day)); });
    expectError(ErrorCode::notFound, [&] { setting->untrash(some); });
    expectError(ErrorCode::notFound, [&] { setting->forget(some); });
    expectError(ErrorCode::notFound, [&] { tag(some[1], "release"); });
    EXPECT_EQ(generation(), before);
    EXPECT_TRUE(objectIsThere(first));
    const SnapshotId both[] = {first, second};
    setting->forget(both);
    EXPECT_EQ(generation(), before + 2);
    EXPECT_TRUE(setting->ledger().snapshots().empty());
}

TEST_F(RepositorySnapshots, TrashedIsNoBase) {
    const auto isPinned = [&] {
        const WriteSession session(*setting, setting.agent.id, first);
        return session.terms().basePinned;
    };
    EXPECT_TRUE(isPinned());
    trash(first, in(day));
    EXPECT_FALSE(isPinned());
    untrash(first);
    EXPECT_TRUE(isPinned());
}

// Whoever comes first, the other is told; never is a locked snapshot lost.
TEST_F(RepositorySnapshots, LockAndForgetOfTwoThreadsExcludeEachOther) {
    for (int round = 0; round < 20; ++round) {
        const SnapshotId id = setting.commit("round " + std::to_string(round));
        bool locked = false;
        bool forgotten = false;
        std::thread locking([&] { locked = !errorOf([&] { lock(id, in(day)); }); });
        std::thread forgetting([&] { forgotten = !errorOf([&] { setting->forget(id); }); });
        locking.join();
        forgetting.join();
        EXPECT_NE(locked, forgotten);
        EXPECT_EQ(info(id).has_value(), locked);
    }
}

// A failed choice is no failed write.
TEST_F(RepositorySnapshots, RefusalLeavesTheRepositoryWritable) {
    expectError(ErrorCode::notFound, [&] { setting->forget(randomId<SnapshotId>()); });
    EXPECT_TRUE(setting->canWrite());
    setting->forget(first);
}

}  // namespace
}  // namespace coffer
