#include "core/pipeline/replicate_job.h"

#include <gtest/gtest.h>

#include <map>

#include "core/repository/repository_contents.h"
#include "core/repository/run_object.h"
#include "core/repository/server_backup.h"
#include "core/repository/store_mark.h"
#include "core/source/memory_source.h"
#include "core/source/memory_target.h"
#include "core/storage/store_decorator.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

std::map<std::string, Bytes> objectsIn(ObjectStore& store) {
    std::map<std::string, Bytes> objects;
    store.list("", [&](std::string_view name, std::uint64_t size) {
        if (name != "store") objects.emplace(name, readAll(store, name, size));
    });
    return objects;
}

/// Tells of each change of the store behind it before it is made.
class WatchedStore : public StoreDecorator {
  public:
    using StoreDecorator::StoreDecorator;
    std::function<void(std::string_view name)> before = [](std::string_view) {};

    std::unique_ptr<ObjectWriter> create(std::string_view name) override {
        before(name);
        return inner_.create(name);
    }
    void put(std::string_view name, ByteView data) override {
        before(name);
        inner_.put(name, data);
    }
    void read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) override {
        beforeRead(name);
        inner_.read(name, offset, out);
    }
    void remove(std::string_view name) override {
        before(name);
        inner_.remove(name);
    }
    std::function<void(std::string_view name)> beforeRead = [](std::string_view) {};
};

struct Replicate : testing::Test {
    Replicate() {
        source.addFolder("/data");
        for (std::uint32_t i = 0; i < 4; ++i) {
            source.addFile("/data/f" + std::to_string(i), noise(200'000, i));
        }
    }

    Snapshot backup(std::uint32_t seed) {
        source.addFile("/data/new" + std::to_string(seed), noise(150'000, seed));
        return fixture.backupPaths(source, {"/data"});
    }

    ReplicateResult replicate(bool verify = false) { return replicateTo(replica, verify); }
    ReplicateResult replicateTo(ObjectStore& to, bool verify = false) {
        problems.clear();
        ProblemLog log([this](const Problem& problem) { problems.push_back(problem); });
        RunProgress progress;
        return runReplicate(from, to, {verify}, retry, progress, log, fixture.cancel);
    }

    void expectVerbatim() { EXPECT_EQ(objectsIn(fixture.store), objectsIn(replica)); }

    std::string aPackIn(ObjectStore& store) {
        std::string pack;
        store.list("packs/", [&](std::string_view name, std::uint64_t) { pack = name; });
        return pack;
    }
    void flip(ObjectStore& store, const std::string& name, std::size_t at) {
        Bytes octets = readAll(store, name, 1U << 28);
        octets.at(at) ^= 1;
        store.put(name, octets);
    }

    PipelineFixture fixture;
    MemorySource source;
    MemoryStore replica;
    WatchedStore from{fixture.store};
    Retry retry{{3, {}, {}}, [](std::chrono::nanoseconds) {}};
    std::vector<Problem> problems;
};

TEST_F(Replicate, CopiesVerbatimAndThenOnlyWhatIsNew) {
    backup(10);
    const ReplicateResult first = replicate();
    expectVerbatim();
    EXPECT_EQ(first.copied, first.objects);
    EXPECT_GT(first.copiedBytes, 900'000U);
    EXPECT_EQ(first.generation, fixture.repository->ledger().head().sequence);
    EXPECT_NE(first.store, fixture.repository->storeId());

    EXPECT_EQ(replicate().copied, 0U);
    backup(11);
    const ReplicateResult next = replicate();
    expectVerbatim();
    EXPECT_LT(next.copied, next.objects);
    EXPECT_EQ(next.store, first.store);
    EXPECT_TRUE(problems.empty());
}

TEST_F(Replicate, FollowsWhatIsForgottenAndMarkedGone) {
    const Snapshot snapshot = backup(10);
    replicate();
    fixture.repository->forget(snapshot.id);
    const std::string pack = aPackIn(fixture.store);
    const auto packs = fixture.repository->ledger().packs();
    for (const PackInfo& info : packs) {
        if (packName(info.registration.pack) != pack) continue;
        const ManifestPayload gone[] = {PackStateRecord{info.registration.pack, PackState::gone}};
        fixture.repository->record(gone);
    }
    fixture.store.remove(pack);
    const ReplicateResult result = replicate();
    EXPECT_EQ(result.removed, 2U);
    EXPECT_TRUE(problems.empty());
    expectVerbatim();
}

// At every moment the replica is the repository as it was once: all that its manifest names is
// there. What stops half-way is gone on with.
TEST_F(Replicate, IsAWholeOlderRepositoryAtEveryMoment) {
    backup(10);
    replicate();
    fixture.repository->forget(backup(11).id);
    backup(12);
    unsigned changes = 0;
    unsigned stopAt = 0;
    WatchedStore to(replica);
    to.before = [&](std::string_view) {
        const RepositoryContents contents(replica);
        for (const NamedObject& object : contents.objects()) {
            const auto size = replica.size(object.name);
            ASSERT_TRUE(size) << object.name;
            if (object.size != 0) {
                ASSERT_EQ(size, object.size);
            }
        }
        if (++changes == stopAt) throw Error(ErrorCode::noSpace, "stop here");
    };
    for (stopAt = 1; stopAt < 100; ++stopAt) {
        changes = 0;
        const auto error = errorOf([&] { replicateTo(to); });
        if (!error) break;
        EXPECT_EQ(error->code(), ErrorCode::noSpace) << error->what();
    }
    EXPECT_GT(stopAt, 3U);
    EXPECT_LT(stopAt, 100U);
    expectVerbatim();
}

TEST_F(Replicate, AFirstOneThatWasCutShortIsGoneOnWith) {
    backup(10);
    WatchedStore to(replica);
    to.before = [](std::string_view name) {
        if (name.starts_with("snapshots/")) throw Error(ErrorCode::noSpace, "full");
    };
    expectError(
        ErrorCode::noSpace, [&] { replicateTo(to); }, "full");
    EXPECT_FALSE(replica.size("config"));  // not a repository yet
    const ReplicateResult rest = replicate();
    EXPECT_EQ(rest.copied, 1U);
    expectVerbatim();
}

TEST_F(Replicate, RepeatsWhatFailsForAPassingReason) {
    backup(10);
    WatchedStore to(replica);
    int writes = 0;
    to.before = [&](std::string_view name) {
        if (name.starts_with("packs/") && ++writes <= 2) {
            throw Error(ErrorCode::ioError, "passing");
        }
    };
    replicateTo(to);
    expectVerbatim();
}

TEST_F(Replicate, RefusesWhatIsNoReplicaOfThisRepository) {
    backup(10);
    MemoryStore foreign;
    foreign.put("some/file", bytesOf("x"));
    expectError(
        ErrorCode::alreadyExists, [&] { replicateTo(foreign); }, "some/file");
    expectError(
        ErrorCode::conflict, [&] { replicateTo(fixture.store); }, "not a replica");

    PipelineFixture other;
    ProblemLog log;
    RunProgress progress;
    replicate();
    const auto before = objectsIn(replica);
    expectError(
        ErrorCode::conflict,
        [&] { runReplicate(other.store, replica, {}, retry, progress, log, other.cancel); },
        "replica of repository");
    EXPECT_EQ(objectsIn(replica), before);
}

TEST_F(Replicate, RefusesAReplicaThatIsAheadOrHasAnotherHistory) {
    backup(10);
    MemoryStore older;
    replicateTo(older);
    backup(11);
    replicate();
    const auto ahead = objectsIn(replica);
    // The source set back to what it was: the replica must not follow.
    MemoryStore setBack;
    older.list("", [&](std::string_view name, std::uint64_t size) {
        setBack.put(name, readAll(older, name, size));
    });
    ProblemLog log;
    RunProgress progress;
    expectError(
        ErrorCode::conflict,
        [&] { runReplicate(setBack, replica, {}, retry, progress, log, fixture.cancel); },
        "other records");
    EXPECT_EQ(objectsIn(replica), ahead);

    // The older copy was written to by itself.
    MemoryStore state;
    ScratchFolder databases;
    const RepositoryPlace place{setBack, state, databases.path(), fixture.clock};
    Repository::adopt(place, *fixture.kit);
    EXPECT_EQ(readStoreMark(setBack).kind, StoreMark::Kind::original);
    expectError(
        ErrorCode::conflict,
        [&] { runReplicate(setBack, replica, {}, retry, progress, log, fixture.cancel); },
        "other records");
    expectError(
        ErrorCode::conflict, [&] { replicateTo(setBack); }, "taken over");
}

TEST_F(Replicate, OnlyAdoptMakesAReplicaWritable) {
    const Snapshot snapshot = backup(10);
    replicate();
    ScratchFolder databases;
    const RepositoryPlace withOldKeys{replica, fixture.state, databases.path(), fixture.clock};
    expectError(
        ErrorCode::conflict, [&] { Repository(withOldKeys, Repository::Access::write); },
        "this is a replica");
    Repository(withOldKeys, Repository::Access::read);

    MemoryStore state;
    ScratchFolder fresh;
    const RepositoryPlace place{replica, state, fresh.path(), fixture.clock};
    Repository::adopt(place, *fixture.kit);
    Repository adopted(place, Repository::Access::write);
    EXPECT_TRUE(adopted.ledger().snapshot(snapshot.id));
    adopted.forget(snapshot.id);
}

TEST_F(Replicate, VerifyFindsAndHealsWhatIsDamagedInTheReplica) {
    backup(10);
    replicate();
    const auto sound = objectsIn(replica);
    for (const auto& [name, octets] : sound) {
        SCOPED_TRACE(name);
        flip(replica, name, octets.size() / 2);
        const ReplicateResult result = replicate(true);
        EXPECT_EQ(objectsIn(replica), sound);
        const bool named = name.starts_with("packs/") || name.starts_with("snapshots/");
        EXPECT_EQ(result.healed, named ? 1U : 0U);
        EXPECT_EQ(result.verified, result.objects - (named ? 1U : 0U));
        // Key objects and owner are compared with the repository's at every replication.
        EXPECT_EQ(problems.size(), name == "owner" || name.starts_with("keys/") ? 0U : 1U);
    }
    const ReplicateResult result = replicate(true);
    EXPECT_EQ(result.verified, result.objects);
    EXPECT_TRUE(problems.empty());
}

TEST_F(Replicate, LeavesNamesAloneThatItDoesNotKnow) {
    backup(10);
    const std::vector<std::string> names = {aPackIn(fixture.store) + ".parity", "snapshots/later",
                                            "keys/00000001", "manifest/later", "later/thing"};
    for (const std::string& name : names) fixture.store.put(name, Bytes{1});
    replicate();
    for (const std::string& name : names) EXPECT_FALSE(replica.size(name)) << name;
    for (const std::string& name : names) replica.put(name, Bytes{1});
    EXPECT_EQ(replicate().removed, 0U);
    for (const std::string& name : names) EXPECT_TRUE(replica.size(name)) << name;
}

TEST_F(Replicate, DamageInTheRepositoryIsNamedAndNotCopied) {
    backup(10);
    const std::string pack = aPackIn(fixture.store);
    flip(fixture.store, pack, 1'000);
    const ReplicateResult result = replicate();
    EXPECT_EQ(result.missing, 1U);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems.front().path, pack);
    EXPECT_FALSE(replica.size(pack));
    EXPECT_TRUE(replica.size("config"));
    // A sound copy in the replica stays, whatever becomes of the repository's.
    flip(fixture.store, pack, 1'000);
    replicate();
    EXPECT_TRUE(replica.size(pack));
    fixture.store.remove(pack);
    EXPECT_EQ(replicate(true).missing, 0U);
    EXPECT_TRUE(replica.size(pack));
}

TEST_F(Replicate, KeepsTheKeysAndTheOwnerWhenTheRepositorysAreDamagedOrForeign) {
    backup(10);
    replicate();
    PipelineFixture other;
    for (const std::string name : {"keys/00000000", "owner"}) {
        const Bytes sound = readAll(replica, name, 1U << 20);
        const auto expectKept = [&] {
            replicate(true);
            ASSERT_EQ(problems.size(), 1U);
            EXPECT_EQ(problems.front().path, name);
            EXPECT_EQ(readAll(replica, name, 1U << 20), sound);
        };
        flip(fixture.store, name, sound.size() / 2);
        expectKept();
        fixture.store.put(name, Bytes(sound.begin(), sound.begin() + 20));
        expectKept();
        fixture.store.put(name, readAll(other.store, name, 1U << 20));
        expectKept();
        fixture.store.remove(name);
        expectKept();
        fixture.store.put(name, sound);
        // One that the replica lost comes back.
        replica.put(name, Bytes(3));
        replicate();
        EXPECT_TRUE(problems.empty());
        expectVerbatim();
    }
}

TEST_F(Replicate, APackDeletedMeanwhileIsNoFault) {
    backup(10);
    const std::string pack = aPackIn(fixture.store);
    from.beforeRead = [&](std::string_view name) {
        if (!name.starts_with("packs/") || !fixture.store.size(pack)) return;
        for (const PackInfo& info : fixture.repository->ledger().packs()) {
            if (packName(info.registration.pack) != pack) continue;
            const ManifestPayload gone[] = {
                PackStateRecord{info.registration.pack, PackState::gone}};
            fixture.repository->record(gone);
        }
        fixture.store.remove(pack);
    };
    replicate();
    EXPECT_TRUE(problems.empty());
    expectVerbatim();
}

TEST_F(Replicate, GivesUpWhenTheRepositoryCannotBeReadAnyMore) {
    for (std::uint32_t i = 10; i < 16; ++i) backup(i);
    from.beforeRead = [](std::string_view name) {
        if (name.starts_with("packs/")) throw Error(ErrorCode::ioError, "pulled out");
    };
    expectError(
        ErrorCode::ioError, [&] { replicate(); }, "pulled out");
    EXPECT_FALSE(replica.size("config"));
}

TEST(StoreMark, RefusesWhatIsNone) {
    MemoryStore store;
    EXPECT_FALSE(isReplica(store));
    expectError(ErrorCode::notFound, [&] { readStoreMark(store); });
    writeStoreMark(store, {StoreId{{1}}, RepositoryId{{2}}, StoreMark::Kind::replica});
    EXPECT_TRUE(isReplica(store));
    const Bytes sound = readAll(store, "store", 1'000);
    for (std::size_t bit = 0; bit < 8 * sound.size(); ++bit) {
        Bytes flipped = sound;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        store.put("store", flipped);
        // A flipped bit never makes an original into a replica, or the other way round.
        const auto error =
            errorOf([&] { EXPECT_EQ(readStoreMark(store).kind, StoreMark::Kind::replica); });
        const bool inVersion = bit / 8 >= 8 && bit / 8 < 10;
        if (inVersion) {  // what it is only another version can say
            expectError(ErrorCode::unsupported, [&] { isReplica(store); });
            EXPECT_TRUE(error);
            continue;
        }
        const bool inIds = bit / 8 >= 10 && bit / 8 < 42;
        EXPECT_EQ(!error, inIds) << "bit " << bit;
        EXPECT_EQ(isReplica(store), inIds);
    }
    Bytes longer = sound;
    longer.push_back(0);
    store.put("store", longer);
    expectError(ErrorCode::corrupt, [&] { readStoreMark(store); });
}

TEST_F(Replicate, TakesTheServersBackupsAlong) {
    backup(100);
    const auto write = [&](std::uint64_t number) {
        ServerBackupWriter writer(fixture.store, fixture.repository->config(),
                                  fixture.repository->keys().sign, number, {});
        writer.append("server.db", noise(3'000'000, 1));
        writer.commit();
    };
    write(1);
    write(2);
    replicate();
    expectVerbatim();
    const std::string first = serverBackups(fixture.store).at(0).name;
    const std::string second = serverBackups(fixture.store).at(1).name;
    fixture.store.remove(first);
    write(3);
    replicate();
    expectVerbatim();
    EXPECT_TRUE(problems.empty());
    flip(replica, second, 1'000);
    replicate(true);
    EXPECT_EQ(problems.size(), 1U);
    expectVerbatim();
    // Damage here is named, and a sound copy there stays.
    const Bytes sound = readAll(replica, second, 1U << 28);
    flip(fixture.store, second, 1'000);
    replica.remove(serverBackups(replica).at(1).name);
    replicate();
    EXPECT_TRUE(problems.empty());
    EXPECT_EQ(readAll(replica, second, 1U << 28), sound);
    replica.remove(second);
    replicate();
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems.at(0).path, second);
    EXPECT_FALSE(replica.size(second));
}

TEST_F(Replicate, TakesTheLogsOfRunsAlong) {
    backup(100);
    const auto write = [&](std::uint64_t number, std::size_t size) {
        fixture.store.put(runObjectName(number),
                          sealRun(fixture.repository->config(), fixture.repository->keys().sign,
                                  number, noise(size, 1)));
    };
    write(1, 100);
    write(2, 200);
    replicate();
    expectVerbatim();
    fixture.store.remove(runObjectName(1));
    write(2, 300);  // it went on
    write(3, 100);
    replicate();
    expectVerbatim();
    flip(replica, runObjectName(3), 50);
    replicate(true);
    EXPECT_EQ(problems.size(), 1U);
    expectVerbatim();
}

}  // namespace
}  // namespace coffer
