#include "management_server/solo/place.h"

#include <gtest/gtest.h>

#include <boost/filesystem.hpp>

#include "core/repository/write_session.h"
#include "core/trust/private_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/test_repository.h"

namespace coffer::solo {
namespace {

namespace fs = boost::filesystem;

class PlaceTest : public testing::Test {
  protected:
    GlobalOptions options(const std::string& repository = "repository",
                          const std::string& state = "state") const {
        GlobalOptions result;
        result.repository = scratch / repository;
        result.state = scratch / state;
        return result;
    }
    unsigned modeOf(const std::string& path) const {
        return static_cast<unsigned>(fs::status(scratch / path).permissions()) & 0777U;
    }

    // Puts a snapshot into the trash, due so many seconds before now.
    SnapshotId trash(std::int64_t ago) {
        const auto place = Place::change(options());
        Repository& repository = place->repository();
        const AgentKeys keys = repository.agentKeys(place->agent());
        WriteSession session(repository, keys.agentId, std::nullopt);
        const std::vector<TestChunk> root = {treeChunk("root", {})};
        const auto snapshot = sealedSnapshot(keys, writePack(session, keys, root).chunks[0]);
        session.commit(snapshot);
        const SnapshotId id = snapshot.registration.id;
        repository.trash(std::span(&id, 1), place->clock().now() - ago * 1'000'000'000);
        return id;
    }
    bool isThere(const SnapshotId& id) {
        return Place::look(options())->repository().ledger().snapshot(id).has_value();
    }

    ScratchFolder scratch;
};

TEST_F(PlaceTest, createMakesRepositoryStateAndAgent) {
    RepositoryId id;
    {
        const auto place = Place::create(options("deep/repository", "deep/state"));
        id = place->repository().config().repositoryId;
        const AgentIdentity agent = place->agent();
        EXPECT_EQ(place->repository().ledger().agentKey(agent.id), agent.sign.verifyKey());
        EXPECT_FALSE(place->repository().kitConfirmed());
    }
    EXPECT_EQ(modeOf("deep/repository"), 0700U);
    EXPECT_EQ(modeOf("deep/state"), 0700U);
    EXPECT_EQ(modeOf("deep/state/keys/server-keys"), 0600U);
    EXPECT_TRUE(fs::exists(scratch / "deep/repository/README.txt"));
    EXPECT_EQ(
        Place::look(options("deep/repository", "deep/state"))->repository().config().repositoryId,
        id);
}

TEST_F(PlaceTest, createRefusesWhatIsInUse) {
    Place::create(options());
    expectError(ErrorCode::alreadyExists, [&] { Place::create(options("repository", "other")); });
    expectError(ErrorCode::alreadyExists, [&] { Place::create(options("other", "state")); });
    EXPECT_FALSE(fs::exists(scratch / "other"));
}

TEST_F(PlaceTest, withoutRepositoryOrKeysThereIsNothingToOpen) {
    expectError(
        ErrorCode::notFound, [&] { Place::look(options()); }, "no repository");
    Place::create(options());
    expectError(
        ErrorCode::notFound, [&] { Place::change(options("repository", "none")); }, "no keys");
    EXPECT_FALSE(fs::exists(scratch / "none"));
}

TEST_F(PlaceTest, onlyOneChangesAtATimeButAllMayLook) {
    Place::create(options());
    const auto first = Place::change(options());
    expectError(ErrorCode::busy, [&] { Place::change(options()); });
    EXPECT_NO_THROW(Place::look(options()));
}

TEST_F(PlaceTest, whoLooksLetsOthersChange) {
    Place::create(options());
    const auto reader = Place::look(options());
    EXPECT_NO_THROW(Place::change(options()));
}

TEST_F(PlaceTest, aRepositoryIsLockedForOtherStatesToo) {
    Place::create(options());
    const RecoveryKit kit = Place::look(options())->repository().kit();
    const auto first = Place::change(options());
    expectError(ErrorCode::busy, [&] { Place::adopt(options("repository", "second"), kit); });
}

TEST_F(PlaceTest, adoptTakesTheRepositoryFromItsFormerOwner) {
    Place::create(options());
    const RecoveryKit kit = Place::look(options())->repository().kit();
    RecoveryKit wrong = kit;
    wrong.rootSeed = SecretKey::random();
    const GlobalOptions second = options("repository", "second");
    expectError(ErrorCode::wrongKey, [&] { Place::adopt(second, wrong); });
    {
        const auto place = Place::adopt(second, kit);
        EXPECT_TRUE(place->repository().kitConfirmed());
        EXPECT_NO_THROW(place->agent());
    }
    EXPECT_NO_THROW(Place::change(second));
    expectError(ErrorCode::conflict, [&] { Place::change(options()); });
    EXPECT_NO_THROW(Place::look(options()));
    expectError(ErrorCode::alreadyExists, [&] { Place::adopt(second, kit); });
}

TEST_F(PlaceTest, changeForgetsWhatWasDueAnHourAgo) {
    {
        const auto place = Place::create(options());
        place->repository().confirmKit(place->repository().kit());
    }
    const SnapshotId longAgo = trash(2 * 86'400);
    const SnapshotId lately = trash(60);
    Place::change(options());
    EXPECT_TRUE(isThere(longAgo));
    // A day later.
    const std::string look = scratch / "state/trash-look";
    writePrivateFile(look, std::to_string(std::stoll(readTextFile(look)) - 86'400));
    Place::change(options());
    EXPECT_FALSE(isThere(longAgo));
    EXPECT_TRUE(isThere(lately));
}

TEST_F(PlaceTest, rebuildNeedsNoDatabases) {
    Place::create(options());
    for (const std::string name : {"index/catalog", "repo.db"}) {
        fs::save_string_file(scratch / ("state/databases/" + name), "no database, by far not");
    }
    expectError(ErrorCode::corrupt, [&] { Place::look(options()); });
    Place::rebuild(options(), Place::Rebuild::databases);
    EXPECT_NO_THROW(Place::look(options()));
}

}  // namespace
}  // namespace coffer::solo
