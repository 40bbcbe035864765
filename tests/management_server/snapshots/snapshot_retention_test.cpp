// Marks, forgetting and rules through the SnapshotManager.
#include <gmock/gmock.h>

#include "tests/management_server/snapshots/snapshots_fixture.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

using testing::ElementsAre;

Coffer::Settings settings(std::initializer_list<std::pair<const char*, const char*>> list) {
    Coffer::Settings result;
    for (const auto& [name, value] : list) {
        const CORBA::ULong at = result.length();
        result.length(at + 1);
        result[at].name = name;
        result[at].value = value;
    }
    return result;
}

class SnapshotRetentionTest : public SnapshotsFixture {
  protected:
    std::vector<std::string> shownIds() {
        Coffer::SnapshotInfos_var list = manager->list("main");
        std::vector<std::string> ids;
        for (CORBA::ULong i = 0; i < list->length(); ++i) ids.emplace_back(list[i].id.in());
        return ids;
    }
    // "id keep: reason, reason" of each verdict, newest first.
    static std::vector<std::string> texts(const Coffer::RetentionVerdicts& verdicts) {
        std::vector<std::string> lines;
        for (CORBA::ULong i = 0; i < verdicts.length(); ++i) {
            std::string line = verdicts[i].id.in();
            line += verdicts[i].keep ? " keep:" : " forget:";
            for (const std::string& reason : rpc::toTexts(verdicts[i].reasons)) {
                line += " " + reason;
            }
            lines.push_back(line);
        }
        return lines;
    }
    std::vector<std::string> preview(const Coffer::Settings& rules) {
        return texts(Coffer::RetentionVerdicts_var(manager->previewRetention("main", rules)).in());
    }
    Coffer::Moment in(std::int64_t seconds) {
        return rpc::toMoment({backups.clock.now().seconds + seconds, 0});
    }
    void verifyAll() {
        for (const PackInfo& pack : backups.repository->ledger().packs()) {
            setPackState(*backups.repository, pack.registration.pack, PackState::verified);
        }
    }
};

TEST_F(SnapshotRetentionTest, ForgottenCanBeBroughtBack) {
    manager->forget("main", second.c_str());
    EXPECT_THAT(shownIds(), ElementsAre(first));
    expectFailed(
        ErrorCode::notFound, [&] { stat("/", second); }, "can be taken back");
    Coffer::SnapshotMarks_var marks = manager->marks("main");
    ASSERT_EQ(marks->length(), 1U);
    EXPECT_EQ(marks[0U].id.in(), second);
    EXPECT_NEAR(static_cast<double>(marks[0U].due.seconds - in(7 * 86400).seconds), 0, 100);
    expectFailed(ErrorCode::notFound, [&] { manager->unforget("main", first.c_str()); });
    manager->unforget("main", second.substr(0, 8).c_str());
    EXPECT_THAT(shownIds(), ElementsAre(first, second));
    stat("/", second);
    EXPECT_EQ(events.since(0, 10).back().kind, "snapshot-unforgotten");
}

TEST_F(SnapshotRetentionTest, ForGoodIsForGood) {
    manager->forget("main", second.c_str());
    manager->forgetForGood("main", second.c_str());
    manager->forgetForGood("main", first.c_str());
    EXPECT_THAT(shownIds(), ElementsAre());
    expectFailed(ErrorCode::notFound, [&] { manager->unforget("main", second.c_str()); });
    EXPECT_TRUE(backups.repository->ledger().snapshots().empty());
}

TEST_F(SnapshotRetentionTest, WithoutGraceForgettingIsForGood) {
    const SnapshotRetention atOnce(
        {.repositories = repositories, .shelf = shelf, .clock = backups.clock});
    const SnapshotId id = findSnapshotInfo(*backups.repository, first).registration.id;
    atOnce.forget(*backups.repository, std::span(&id, 1));
    EXPECT_EQ(backups.repository->ledger().snapshots().size(), 1U);
}

TEST_F(SnapshotRetentionTest, TagsAndLocks) {
    manager->tag("main", first.c_str(), settings({{"add-tag", "b"}, {"add-tag", "a"}}));
    manager->tag("main", first.c_str(), settings({{"add-tag", "c"}, {"remove-tag", "b"}}));
    manager->lock("main", first.c_str(), in(86400));
    Coffer::SnapshotMarks_var marks = manager->marks("main");
    ASSERT_EQ(marks->length(), 1U);
    EXPECT_THAT(rpc::toTexts(marks[0U].tags), ElementsAre("a", "c"));
    EXPECT_EQ(marks[0U].agent.in(), std::string("laptop"));
    EXPECT_EQ(marks[0U].due.seconds, Coffer::unknownSeconds);
    for (const auto& refused : std::vector<std::function<void()>>{
             [&] { manager->forget("main", first.c_str()); },
             [&] { manager->forgetForGood("main", first.c_str()); },
             [&] { manager->lock("main", first.c_str(), in(3600)); }}) {
        expectFailed(ErrorCode::conflict, refused, "locked until");
    }
    expectFailed(ErrorCode::invalidArgument,
                 [&] { manager->lock("main", second.c_str(), in(-5)); });
    expectFailed(
        ErrorCode::notFound,
        [&] {
            manager->tag("main", first.c_str(), settings({{"remove-tag", "b"}}));
        },
        "no tag 'b'");
    expectFailed(ErrorCode::invalidArgument, [&] {
        manager->tag("main", first.c_str(), settings({{"add-tag", "two words"}}));
    });
    expectFailed(ErrorCode::invalidArgument, [&] {
        manager->tag("main", first.c_str(), settings({{"colour", "red"}}));
    });
}

TEST_F(SnapshotRetentionTest, PreviewChangesNothingAndApplyDoesIt) {
    const std::string kept = second + " keep: last (1 of 1) newest";
    const auto rules = settings({{"keep-last", "1"}});
    EXPECT_THAT(preview(rules), ElementsAre(kept, first + " forget:"));
    EXPECT_THAT(shownIds(), ElementsAre(first, second));
    Coffer::RetentionVerdicts_var done = manager->applyRetention("main", rules);
    EXPECT_THAT(texts(done), ElementsAre(kept, first + " forget:"));
    EXPECT_EQ(done[1U].agent.in(), std::string("laptop"));
    EXPECT_EQ(rpc::textOf(done[1U].what[0U]), "/data");
    EXPECT_THAT(shownIds(), ElementsAre(second));
    EXPECT_THAT(preview(rules), ElementsAre(kept));
    EXPECT_EQ(events.since(0, 10).back().kind, "retention-applied");
    manager->unforget("main", first.c_str());
}

TEST_F(SnapshotRetentionTest, LooksAtLocksVerificationAndRuns) {
    const auto rules = settings({{"keep-last", "1"}});
    manager->lock("main", first.c_str(), in(86400));
    EXPECT_THAT(preview(rules).at(1), testing::StartsWith(first + " keep: locked (until "));
    verifyAll();
    EXPECT_THAT(preview(rules).at(0), second + " keep: last (1 of 1) verified (1 of 1) newest");
    EXPECT_THAT(preview(settings({{"keep-last", "1"}, {"keep-verified", "2"}})).at(1),
                testing::EndsWith("verified (2 of 2)"));
}

TEST_F(SnapshotRetentionTest, WhatWasProvenByItselfCountsAsVerified) {
    Ledger& ledger = backups.repository->ledger();
    const auto rules = settings({{"keep-last", "1"}});
    const SnapshotProof sound[] = {{ledger.snapshots().at(0).registration.id, {100, 0}, true}};
    ledger.note({}, sound);
    EXPECT_THAT(preview(rules).at(1), first + " keep: verified (1 of 1)");
    verifyAll();
    const SnapshotProof lost[] = {{ledger.snapshots().at(1).registration.id, {200, 0}, false}};
    ledger.note({}, lost);
    EXPECT_THAT(preview(rules), ElementsAre(second + " keep: last (1 of 1) newest",
                                            first + " keep: verified (1 of 1)"));
}

TEST_F(SnapshotRetentionTest, WhoseRootIsInADamagedPackTakesNoPlace) {
    verifyAll();
    const auto rules = settings({{"keep-last", "1"}});
    EXPECT_THAT(preview(rules).at(1), first + " forget:");
    for (const PackInfo& pack : backups.repository->ledger().packs()) {
        setPackState(*backups.repository, pack.registration.pack, PackState::suspect);
    }
    EXPECT_THAT(preview(rules).at(1), first + " keep: last (1 of 1)");
}

// What is in memory follows a moment later.
TEST_F(SnapshotRetentionTest, KnowsOfDamageThatWasJustRecorded) {
    verifyAll();
    const auto rules = settings({{"keep-last", "1"}});
    EXPECT_THAT(preview(rules).at(1), first + " forget:");
    Ledger other(backups.scratch.path() + "/repo.db", backups.repository->config().repositoryId);
    ManifestHead head = other.head();
    std::vector<ManifestRecord> records;
    for (const PackInfo& pack : other.packs()) {
        records.push_back({head.sequence + 1, head.digest, head.time,
                           PackStateRecord{pack.registration.pack, PackState::suspect}});
        head = {head.sequence + 1, digestOf(records.back()), head.time};
    }
    other.apply(records);
    EXPECT_THAT(preview(rules).at(1), first + " keep: last (1 of 1)");
}

TEST_F(SnapshotRetentionTest, NothingGoesWhileBackupsFail) {
    runs = {{SourceKey::of(backups.agent.id, {"/data"}), Timestamp{100, 0}, Timestamp{200, 0}}};
    const auto rules = settings({{"keep-last", "1"}});
    Coffer::RetentionVerdicts_var done = manager->applyRetention("main", rules);
    EXPECT_EQ(texts(done).at(1), first + " keep: failing (since 1970-01-01T00:03:20Z)");
    EXPECT_THAT(shownIds(), ElementsAre(first, second));
}

// The times of a manifest never go back.
TEST_F(SnapshotRetentionTest, SnapshotsBehindAClockThatWasAheadStay) {
    ManualClock ahead(backups.clock.now().seconds + 365 * 86'400);
    backups.repository.reset();
    backups.repository = std::make_unique<Repository>(
        RepositoryPlace{backups.store, backups.state, backups.scratch.path(), ahead},
        Repository::Access::write);
    std::vector<std::string> ids{backups.backupPaths(source, {"/data"}).id.hex()};
    backups.reopen();
    for (int i = 0; i < 2; ++i) ids.push_back(backups.backupPaths(source, {"/data"}).id.hex());
    ahead.advance(30 * 86'400);  // their time has come
    const SnapshotRetention later({.repositories = repositories, .shelf = shelf, .clock = ahead});
    const auto groups = later.preview("main", {.daily = 1});
    ASSERT_EQ(groups.size(), 1U);
    ASSERT_EQ(groups[0].verdicts.size(), 5U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(groups[0].verdicts[i].id.hex(), ids[2 - i]);
        EXPECT_EQ(groups[0].verdicts[i].reasons.back().kind, KeepReason::undated) << i;
    }
    EXPECT_EQ(groups[0].verdicts[3].reasons.front().kind, KeepReason::daily);
    EXPECT_FALSE(later.preview("main", {.last = 1}).at(0).verdicts[1].keep());
}

TEST_F(SnapshotRetentionTest, WhatCannotBeReadStays) {
    const std::string name = "snapshots/" + first;
    Bytes object = readAll(backups.store, name, 1 << 20);
    object[object.size() / 2] ^= 1;
    backups.store.put(name, object);
    manager->applyRetention("main", settings({{"keep-last", "1"}}));
    EXPECT_EQ(backups.repository->ledger().snapshots().size(), 2U);
}

TEST_F(SnapshotRetentionTest, NonsenseIsRefused) {
    for (const auto& rules : {settings({}), settings({{"keep-last", "x"}}),
                              settings({{"keep-all", "1"}}), settings({{"keep-verified", "1"}})}) {
        expectFailed(ErrorCode::invalidArgument, [&] { preview(rules); });
        expectFailed(ErrorCode::invalidArgument, [&] { manager->applyRetention("main", rules); });
    }
    EXPECT_THAT(shownIds(), ElementsAre(first, second));
}

TEST_F(SnapshotRetentionTest, NeedsASession) {
    sessions.end(session.id);
    const auto rules = settings({{"keep-last", "1"}});
    for (const auto& refused : std::vector<std::function<void()>>{
             [&] { manager->forget("main", first.c_str()); },
             [&] { manager->forgetForGood("main", first.c_str()); },
             [&] { manager->unforget("main", first.c_str()); }, [&] { manager->marks("main"); },
             [&] { manager->tag("main", first.c_str(), settings({})); },
             [&] { manager->lock("main", first.c_str(), in(86400)); },
             [&] { manager->previewRetention("main", rules); },
             [&] { manager->applyRetention("main", rules); }}) {
        expectFailed(ErrorCode::loginAgain, refused);
    }
    EXPECT_TRUE(backups.repository->ledger().snapshots()[0].isShown());
}

}  // namespace
}  // namespace coffer
