#include "management_server/solo/place.h"

#include <gtest/gtest.h>

#include <boost/filesystem.hpp>

#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

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
