#include "management_server/repositories/pack_rereader.h"

#include <gtest/gtest.h>

#include "core/repository/write_session.h"
#include "management_server/repositories/proof_facts.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

constexpr std::int64_t day = 86'400;

/// Gives one repository, under the name "main".
class OneRepository : public rpc::RepositoryProvider {
  public:
    explicit OneRepository(Repository& repository) : repository_(repository) {}
    std::shared_ptr<Repository> open(const std::string&) override {
        return {std::shared_ptr<void>(), &repository_};
    }
    void changed(const std::string&) override {}

  private:
    Repository& repository_;
};

struct PackRereaderTest : testing::Test {
    PackId write(const std::string& content) {
        WriteSession session(*setting, keys.agentId, std::nullopt);
        const TestChunk chunks[] = {dataChunk(content)};
        const PackId pack = writePack(session, keys, chunks).id;
        setPackState(*setting, pack, PackState::verified);
        return pack;
    }
    void damage(const PackId& pack) {
        Bytes octets = readAll(setting.store, packName(pack), 1 << 20);
        octets[octets.size() / 2] ^= 1;
        setting.store.put(packName(pack), octets);
    }
    void look(unsigned days = 30) {
        PackRereader rereader({repositories, [] { return std::vector<std::string>{"main"}; },
                               setting.clock, days,
                               [this](const PackDamage& found) { damages.push_back(found); }});
        rereader.look();
        rereader.settle();
    }
    Timestamp readAt(const PackId& pack) { return setting->ledger().proofOf(pack)->read; }
    std::string fact(const std::string& name) {
        return proofFacts(setting->ledger(), setting.clock, 30)[name];
    }

    TestRepository setting;
    AgentKeys keys = setting.keys();
    OneRepository repositories{*setting};
    std::vector<PackDamage> damages;
};

TEST(DueAt, IsSpreadOverTheSecondHalf) {
    PackProof last;
    last.read = {1'000, 0};
    EXPECT_EQ(dueAt(last, 30).seconds, 1'000 + 15 * day);
    last.pack.bytes[0] = 0x80;
    EXPECT_EQ(dueAt(last, 30).seconds, 1'000 + 15 * day + 15 * day / 2);
    last.pack.bytes[0] = last.pack.bytes[1] = 0xff;
    EXPECT_LE(dueAt(last, 30).seconds, 1'000 + 30 * day);
    EXPECT_GT(dueAt(last, 30).seconds, 1'000 + 29 * day);
}

TEST_F(PackRereaderTest, ReadsWhatAClockSaysWasReadInTheFuture) {
    setting.clock.advance(1'000 * day);
    const PackId pack = write("ahead");
    setting.clock.advance(-1'000 * day);
    look();
    EXPECT_EQ(readAt(pack), setting.clock.now());
}

TEST_F(PackRereaderTest, ReadsWhatIsDueAndNothingElse) {
    const PackId old = write("old");
    setting.clock.advance(29 * day);
    const PackId fresh = write("fresh");
    const Timestamp written = setting.clock.now();
    setting.clock.advance(2 * day);
    EXPECT_EQ(fact("proven-percent"), "50") << fact("proven-bytes");
    look();
    EXPECT_EQ(readAt(old), setting.clock.now());
    EXPECT_EQ(readAt(fresh), written);
    EXPECT_EQ(fact("proven-percent"), "100");
    EXPECT_EQ(fact("longest-unread"), toIso8601(written));
    EXPECT_EQ(fact("unread-packs"), "0");
}

TEST_F(PackRereaderTest, ReadsEverythingWithinTheDays) {
    std::vector<PackId> packs;
    for (int i = 0; i < 20; ++i) packs.push_back(write("content " + std::to_string(i)));
    std::size_t mostAtOnce = 0;
    for (int passed = 0; passed < 30; ++passed) {
        setting.clock.advance(day);
        std::size_t before = 0;
        std::size_t after = 0;
        for (const PackId& pack : packs) before += readAt(pack) == setting.clock.now() ? 1 : 0;
        look();
        for (const PackId& pack : packs) after += readAt(pack) == setting.clock.now() ? 1 : 0;
        mostAtOnce = std::max(mostAtOnce, after - before);
    }
    EXPECT_EQ(fact("proven-percent"), "100");
    EXPECT_LT(mostAtOnce, 12U);  // a share each day, not all of them on one
}

TEST_F(PackRereaderTest, WhatIsDamagedBecomesSuspectAndIsTold) {
    const PackId pack = write("content");
    damage(pack);
    setting.clock.advance(31 * day);
    look();
    EXPECT_EQ(setting->ledger().stateOf(pack), PackState::suspect);
    ASSERT_EQ(damages.size(), 1U);
    EXPECT_EQ(damages[0].repository, "main");
    EXPECT_EQ(damages[0].pack, pack);
    EXPECT_FALSE(setting->ledger().proofOf(pack)->sound);
    EXPECT_EQ(fact("proven-percent"), "0");
    look();
    EXPECT_EQ(damages.size(), 1U);
}

TEST_F(PackRereaderTest, NeverWhenItIsSwitchedOff) {
    const PackId pack = write("content");
    damage(pack);
    setting.clock.advance(1'000 * day);
    look(0);
    EXPECT_TRUE(damages.empty());
}

}  // namespace
}  // namespace coffer
