#include "management_server/repositories/pack_verifier.h"

#include <gtest/gtest.h>

#include "core/repository/write_session.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

/// Gives one repository, under the name "main".
class OneRepository : public rpc::RepositoryProvider {
  public:
    explicit OneRepository(Repository& repository) : repository_(repository) {}

    std::shared_ptr<Repository> open(const std::string& name) override {
        ++opened;
        if (name != "main" || failing) throw Error(ErrorCode::ioError, "cannot be opened");
        return {std::shared_ptr<void>(), &repository_};
    }
    void changed(const std::string&) override {}

    std::atomic<int> opened = 0;
    std::atomic<bool> failing = false;

  private:
    Repository& repository_;
};

class Verifier : public testing::Test {
  protected:
    WrittenPack write(const std::string& content) {
        WriteSession session(*setting, keys.agentId, std::nullopt);
        const TestChunk chunks[] = {dataChunk(content)};
        return writePack(session, keys, chunks);
    }

    void damage(const WrittenPack& pack) {
        Bytes octets = readAll(setting.store, packName(pack.id), 1 << 20);
        octets[octets.size() / 2] ^= 1;
        setting.store.put(packName(pack.id), octets);
    }

    PackState stateOf(const WrittenPack& pack) { return setting->ledger().stateOf(pack.id); }

    PackVerifier& start() {
        verifier.emplace(repositories, [this](const PackDamage& found) {
            EXPECT_EQ(setting->ledger().stateOf(found.pack), PackState::suspect);
            damages.push_back(found);
        });
        return *verifier;
    }

    TestRepository setting;
    AgentKeys keys = setting.keys();
    OneRepository repositories{*setting};
    std::vector<PackDamage> damages;
    std::optional<PackVerifier> verifier;
};

TEST_F(Verifier, makesSoundPacksVisibleToOthers) {
    const WrittenPack pack = write("content");
    const AgentKeys other = setting.newAgent();
    const auto missing = [&]() -> bool {
        return WriteSession(*setting, other.agentId, std::nullopt).missing(pack.chunks)[0];
    };
    EXPECT_TRUE(missing());
    start().look("main");
    verifier->settle();
    EXPECT_EQ(stateOf(pack), PackState::verified);
    EXPECT_FALSE(missing());
    EXPECT_TRUE(damages.empty());
}

TEST_F(Verifier, notesWhenItReadThemByItsOwnClock) {
    setting.clock.advance(1'000'000);
    setting.newAgent();
    setting.clock.advance(-1'000'000);
    const WrittenPack pack = write("content");
    start().look("main");
    verifier->settle();
    ASSERT_TRUE(setting->ledger().proofOf(pack.id));
    EXPECT_EQ(setting->ledger().proofOf(pack.id)->read, setting.clock.now());
    EXPECT_TRUE(setting->ledger().proofOf(pack.id)->sound);
}

TEST_F(Verifier, marksAndReportsDamage) {
    const WrittenPack sound = write("one");
    const WrittenPack bad = write("two");
    const WrittenPack lost = write("three");
    damage(bad);
    setting.store.remove(packName(lost.id));
    start().look("main");
    verifier->settle();
    EXPECT_EQ(stateOf(sound), PackState::verified);
    EXPECT_EQ(stateOf(bad), PackState::suspect);
    EXPECT_EQ(stateOf(lost), PackState::suspect);
    ASSERT_EQ(damages.size(), 2U);
    EXPECT_EQ(damages[0].repository, "main");
    EXPECT_EQ(damages[0].agent, keys.agentId);
}

TEST_F(Verifier, takesManyInTurns) {
    std::vector<WrittenPack> packs;
    for (int i = 0; i < 40; ++i) packs.push_back(write(std::to_string(i)));
    start().look("main");
    verifier->settle();
    EXPECT_TRUE(setting->ledger().packsIn(PackState::received).empty());
    EXPECT_EQ(setting->ledger().packsIn(PackState::verified).size(), 40U);
    EXPECT_EQ(repositories.opened, 3);
}

TEST_F(Verifier, isNotHeldUpByARepositoryThatFails) {
    const WrittenPack pack = write("content");
    start().look("unknown");
    verifier->look("main");
    verifier->settle();
    EXPECT_EQ(stateOf(pack), PackState::verified);
}

TEST_F(Verifier, triesAgainWhenAsked) {
    const WrittenPack pack = write("content");
    repositories.failing = true;
    start().look("main");
    verifier->settle();
    EXPECT_EQ(stateOf(pack), PackState::received);
    repositories.failing = false;
    verifier->settle();
    EXPECT_EQ(repositories.opened, 1);
    verifier->look("main");
    verifier->settle();
    EXPECT_EQ(stateOf(pack), PackState::verified);
    EXPECT_EQ(repositories.opened, 2);
}

TEST_F(Verifier, leavesWhatHasBeenJudgedBefore) {
    const WrittenPack pack = write("content");
    setPackState(*setting, pack.id, PackState::suspect);
    const std::uint64_t before = setting->ledger().head().sequence;
    start().look("main");
    verifier->settle();
    EXPECT_EQ(stateOf(pack), PackState::suspect);
    EXPECT_EQ(setting->ledger().head().sequence, before);
}

TEST_F(Verifier, stopsWhenToldTo) {
    start().stop();
    verifier->look("main");
    verifier->settle();
    verifier->stop();
    EXPECT_EQ(repositories.opened, 0);
}

}  // namespace
}  // namespace coffer
