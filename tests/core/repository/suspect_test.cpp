// How damage is found out and healed by the next backup.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/repository/write_session.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

// A large file under two levels of lists and a small one, in packs of their own.
struct Suspect : testing::Test {
    Suspect() {
        WriteSession session(*setting, keys.agentId, std::nullopt);
        dataPack = write(session, {data});
        listPack = write(session, {list});
        upperPack = write(session, {upper});
        rest = write(session, {small, otherList, tree});
        const SealedSnapshot snapshot = sealedSnapshot(keys, idOf(keys, tree));
        session.commit(snapshot);
        base = snapshot.registration.id;
    }

    WrittenPack write(WriteSession& session, const std::vector<TestChunk>& chunks) {
        return writePack(session, keys, chunks);
    }
    std::vector<ChunkId> sorted(const std::vector<TestChunk>& chunks) {
        std::vector<ChunkId> ids;
        for (const TestChunk& chunk : chunks) ids.push_back(idOf(keys, chunk));
        std::ranges::sort(ids);
        return ids;
    }

    TestRepository setting;
    AgentKeys keys = setting.keys();
    TestChunk data = dataChunk("large");
    TestChunk small = dataChunk("small");
    TestChunk list = listChunk("list", {idOf(keys, data)});
    TestChunk upper = listChunk("list of lists", {idOf(keys, list)});
    TestChunk otherList = listChunk("other list", {idOf(keys, small)});
    TestChunk tree = treeChunk("tree", {idOf(keys, upper), idOf(keys, otherList)});
    WrittenPack dataPack;
    WrittenPack listPack;
    WrittenPack upperPack;
    WrittenPack rest;
    SnapshotId base;
};

TEST_F(Suspect, NothingWhenAllIsWell) {
    WriteSession session(*setting, keys.agentId, base);
    EXPECT_TRUE(session.terms().suspects.empty());
    EXPECT_TRUE(session.terms().basePinned);
}

TEST_F(Suspect, ChunksAndTheListsAboveThem) {
    setPackState(*setting, dataPack.id, PackState::suspect);
    WriteSession session(*setting, keys.agentId, base);
    EXPECT_TRUE(session.terms().basePinned);  // what it held is known
    EXPECT_EQ(session.terms().suspects, sorted({data, list, upper}));
    const std::vector<ChunkId> ids = {idOf(keys, data), idOf(keys, list), idOf(keys, upper),
                                      idOf(keys, small), idOf(keys, otherList)};
    EXPECT_EQ(session.missing(ids), (std::vector<bool>{true, true, true, false, false}));
}

TEST_F(Suspect, ListInTheMiddle) {
    setPackState(*setting, listPack.id, PackState::suspect);
    WriteSession session(*setting, keys.agentId, base);
    EXPECT_EQ(session.terms().suspects, sorted({list, upper}));
}

TEST_F(Suspect, UnreadablePackMakesTheBaseUnknown) {
    setPackState(*setting, dataPack.id, PackState::suspect);
    setting.store.remove(packName(dataPack.id));
    setting.open();
    WriteSession session(*setting, keys.agentId, base);
    EXPECT_FALSE(session.terms().basePinned);
    // The lists above are still found, through what they refer to.
    const std::vector<ChunkId> ids = {idOf(keys, data), idOf(keys, list), idOf(keys, upper),
                                      idOf(keys, tree)};
    EXPECT_EQ(session.missing(ids), (std::vector<bool>{true, true, true, false}));
    WriteSession another(*setting, keys.agentId, base);
    expectError(ErrorCode::conflict,
                [&] { another.commit(sealedSnapshot(keys, idOf(keys, tree))); });
}

// The rest of the packs is not known to be bad, but one of them has gone unnoticed.
TEST_F(Suspect, AnotherPackThatIsGoneUnnoticedDoesNotStopTheBackup) {
    setPackState(*setting, dataPack.id, PackState::suspect);
    setting.store.remove(packName(listPack.id));
    setting.open();
    WriteSession session(*setting, keys.agentId, base);
    EXPECT_FALSE(session.terms().basePinned);
}

TEST_F(Suspect, IsHealedByTheNextBackup) {
    for (const bool unreadable : {false, true}) {
        setPackState(*setting, dataPack.id, PackState::suspect);
        if (unreadable) {
            setting.store.remove(packName(dataPack.id));
            setting.removeIndex();
            setting.open();
        }
        {
            WriteSession session(*setting, keys.agentId, base);
            const std::vector<TestChunk> again = {data, list, upper};
            std::vector<ChunkId> ids = sorted(again);
            if (!unreadable) {
                EXPECT_EQ(session.missing(ids), std::vector<bool>(3, true));
            }
            const std::vector<ChunkId> kept = {idOf(keys, otherList)};
            EXPECT_EQ(session.missing(kept), std::vector<bool>(1, false));
            write(session, again);
            write(session, {tree});
            session.commit(sealedSnapshot(keys, idOf(keys, tree)));
        }
        WriteSession session(*setting, keys.agentId, base);
        EXPECT_TRUE(session.terms().suspects.empty());
        EXPECT_EQ(session.missing(sorted({data, list, upper})), std::vector<bool>(3, false));
        EXPECT_EQ(readChunk(*setting, idOf(keys, data)), data.content);
    }
}

// A copy in a sound pack, of whoever may be seen, is as good.
TEST_F(Suspect, NotWhatAnotherPackHoldsToo) {
    const AgentKeys other = setting.newAgent();
    WrittenPack copy;
    {
        WriteSession session(*setting, other.agentId, std::nullopt);
        copy = writePack(session, other, std::vector<TestChunk>{data});
    }
    setPackState(*setting, dataPack.id, PackState::suspect);
    EXPECT_EQ(WriteSession(*setting, keys.agentId, base).terms().suspects,
              sorted({data, list, upper}));
    setPackState(*setting, copy.id, PackState::verified);
    EXPECT_TRUE(WriteSession(*setting, keys.agentId, base).terms().suspects.empty());
}

TEST_F(Suspect, AtLastVerifiedAgainIsAsBefore) {
    setPackState(*setting, dataPack.id, PackState::suspect);
    setPackState(*setting, dataPack.id, PackState::verified);
    EXPECT_TRUE(WriteSession(*setting, keys.agentId, base).terms().suspects.empty());
}

}  // namespace
}  // namespace coffer
