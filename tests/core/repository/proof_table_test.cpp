#include "core/repository/proof_table.h"

#include <gtest/gtest.h>

#include "core/repository/write_session.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

constexpr std::int64_t day = 86'400;

/// What is remembered of packs and snapshots that were read: two packs, a snapshot behind each.
struct ProofTableTest : testing::Test {
    ProofTableTest() {
        first = write("first");
        setting.clock.advance(day);
        second = write("second");
    }

    struct Written {
        PackId pack;
        SnapshotId snapshot;
    };
    Written write(std::string_view content) {
        WriteSession session(*setting, keys.agentId, std::nullopt);
        const TestChunk tree = treeChunk(content, {});
        Written written;
        written.pack = writePack(session, keys, std::vector{tree}).id;
        const SealedSnapshot snapshot = sealedSnapshot(keys, idOf(keys, tree));
        session.commit(snapshot);
        written.snapshot = snapshot.registration.id;
        return written;
    }
    void become(const Written& written, PackState state) {
        setPackState(*setting, written.pack, state);
    }
    Ledger& ledger() { return setting->ledger(); }
    bool isProven(const Written& written) {
        return ledger().provenSnapshots().contains(written.snapshot);
    }
    Timestamp now() const { return setting.clock.now(); }

    TestRepository setting;
    AgentKeys keys = setting.keys();
    Written first;
    Written second;
};

TEST_F(ProofTableTest, APackIsReadWhenItsStateSaysSo) {
    EXPECT_FALSE(ledger().proofOf(first.pack));
    become(first, PackState::verified);
    ASSERT_TRUE(ledger().proofOf(first.pack));
    EXPECT_EQ(ledger().proofOf(first.pack)->read, now());
    EXPECT_TRUE(ledger().proofOf(first.pack)->sound);
    become(first, PackState::suspect);
    EXPECT_FALSE(ledger().proofOf(first.pack)->sound);
    become(first, PackState::gone);
    EXPECT_FALSE(ledger().proofOf(first.pack));
}

TEST_F(ProofTableTest, SurvivesARestartAndComesBackFromTheManifest) {
    become(first, PackState::verified);
    const Timestamp then = now();
    setting.clock.advance(day);
    ledger().note(std::vector{PackProof{first.pack, now(), true}});
    setting.open();
    EXPECT_EQ(ledger().proofOf(first.pack)->read, now());
    setting.removeLedger();
    setting.open();
    EXPECT_EQ(ledger().proofOf(first.pack)->read, then);  // when it became verified
}

TEST_F(ProofTableTest, GivesTheLongestUnreadFirst) {
    become(second, PackState::verified);
    setting.clock.advance(day);
    become(first, PackState::verified);
    setting.clock.advance(day);
    const auto all = ledger().readBefore(now());
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].pack, second.pack);
    EXPECT_EQ(all[1].pack, first.pack);
    EXPECT_EQ(ledger().readBefore(now() - day * 1'000'000'000).size(), 1U);
    become(first, PackState::suspect);  // to be healed, not to be read again
    EXPECT_EQ(ledger().readBefore(now()).size(), 1U);
}

TEST_F(ProofTableTest, SumsUpWhatWasReadLately) {
    ProofSummary sum = ledger().proofSummary(now());
    EXPECT_EQ(sum.packs, 2U);
    EXPECT_EQ(sum.unreadPacks, 2U);
    EXPECT_EQ(sum.provenBytes, 0U);
    EXPECT_FALSE(sum.oldest);
    become(first, PackState::verified);
    const Timestamp then = now();
    setting.clock.advance(day);
    become(second, PackState::verified);
    sum = ledger().proofSummary(now());
    EXPECT_EQ(sum.provenPacks, 1U);
    EXPECT_EQ(sum.oldest, then);
    sum = ledger().proofSummary(then);
    EXPECT_EQ(sum.provenPacks, 2U);
    EXPECT_EQ(sum.provenBytes, sum.bytes);
    become(second, PackState::suspect);
    EXPECT_EQ(ledger().proofSummary(then).provenPacks, 1U);
    EXPECT_EQ(ledger().proofSummary(then).packs, 2U);
    become(second, PackState::gone);
    EXPECT_EQ(ledger().proofSummary(then).packs, 1U);
}

TEST_F(ProofTableTest, ASnapshotIsProvenWithThePacksBeforeIt) {
    EXPECT_FALSE(isProven(first));
    become(first, PackState::verified);
    EXPECT_TRUE(isProven(first));
    EXPECT_FALSE(isProven(second));
    become(second, PackState::verified);
    EXPECT_TRUE(isProven(second));
}

TEST_F(ProofTableTest, OrWhenSomebodySaysSo) {
    ledger().note({}, std::vector{SnapshotProof{second.snapshot, now(), true},
                                  SnapshotProof{first.snapshot, now(), false}});
    EXPECT_TRUE(isProven(second));
    EXPECT_FALSE(isProven(first));
    become(first, PackState::verified);
    EXPECT_FALSE(isProven(first));
}

TEST_F(ProofTableTest, DamageIsKnownOrFeared) {
    using Found = std::map<SnapshotId, SnapshotDamage>;
    become(first, PackState::verified);
    become(second, PackState::verified);
    EXPECT_EQ(ledger().damagedSnapshots(), Found());
    become(second, PackState::suspect);  // behind both; the first cannot need it
    EXPECT_EQ(ledger().damagedSnapshots(), (Found{{second.snapshot, SnapshotDamage::possible}}));
    ledger().note({}, std::vector{SnapshotProof{first.snapshot, now(), false}});
    EXPECT_EQ(ledger().damagedSnapshots(), (Found{{first.snapshot, SnapshotDamage::known},
                                                  {second.snapshot, SnapshotDamage::possible}}));
    ledger().note({}, std::vector{SnapshotProof{first.snapshot, now(), true},
                                  SnapshotProof{second.snapshot, now(), true}});
    EXPECT_EQ(ledger().damagedSnapshots(), Found());
    // Who commits behind that has asked for all that was in it.
    become(first, PackState::suspect);
    const SnapshotId later = setting.commit("later");
    EXPECT_FALSE(ledger().damagedSnapshots().contains(later));
    EXPECT_TRUE(ledger().damagedSnapshots().contains(first.snapshot));
    setting->forget(first.snapshot);
    EXPECT_FALSE(ledger().damagedSnapshots().contains(first.snapshot));
}

TEST_F(ProofTableTest, DamageInWhatItMayNeedTakesTheProofAway) {
    ledger().note({}, std::vector{SnapshotProof{first.snapshot, now(), true},
                                  SnapshotProof{second.snapshot, now(), true}});
    become(second, PackState::suspect);
    EXPECT_TRUE(isProven(first));  // the pack came after it
    EXPECT_FALSE(isProven(second));
}

TEST_F(ProofTableTest, NothingIsKnownOfWhatIsForgotten) {
    ledger().note({}, std::vector{SnapshotProof{first.snapshot, now(), true}});
    setting->forget(first.snapshot);
    EXPECT_FALSE(isProven(first));
}

}  // namespace
}  // namespace coffer
