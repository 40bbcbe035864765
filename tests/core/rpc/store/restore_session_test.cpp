#include "core/rpc/store/restore_session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>

#include "core/base/random.h"
#include "core/rpc/convert.h"
#include "core/rpc/store/forms.h"
#include "core/source/memory_source.h"
#include "idl/blocks.hh"
#include "tests/core/rpc/store/store_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer::rpc {
namespace {

class RestoreSessionTest : public testing::Test {
  protected:
    RestoreSessionTest() {
        source.addFolder("/data");
        source.addFile("/data/file", coffer::noise(300'000, 1));
        source.addFolder("/data/sub");
        source.addFile("/data/sub/deep", coffer::noise(300'000, 2));
        snapshot = fixture.pipeline.backupPaths(source, {"/data"});
    }

    Coffer::RestoreSession_var begin(const Bytes& token) {
        Coffer::RestoreSession_var session;
        call("begin", [&] { session = fixture.store->beginRestore(lend(token), terms.out()); });
        return session;
    }
    Coffer::RestoreSession_var beginAt(std::vector<std::string> paths) {
        return begin(fixture.restoreToken(snapshot, std::move(paths)));
    }
    Coffer::PlannedBlocks_var plan(const Coffer::RestoreSession_var& at,
                                   const std::vector<ChunkId>& ids) {
        Coffer::PlannedBlocks_var blocks;
        call("plan", [&] { blocks = at->plan(lendIds(ids)); });
        return blocks;
    }
    Coffer::Octets_var fetch(const Coffer::RestoreSession_var& at,
                             const Coffer::PlannedBlock& block) {
        Coffer::Octets_var sealed;
        call("fetch", [&] { sealed = at->fetch(block.pack, block.number); });
        return sealed;
    }
    Bytes fetchSome(const Coffer::RestoreSession_var& at, const Coffer::PlannedBlocks& blocks) {
        Coffer::BlockNames names;
        names.length(blocks.length());
        for (CORBA::ULong i = 0; i < names.length(); ++i) {
            names[i].pack = blocks[i].pack;
            names[i].number = blocks[i].number;
        }
        const auto session = Coffer::BlockSession_var(Coffer::BlockSession::_narrow(at));
        Coffer::Octets_var sealed;
        call("fetch some", [&] { sealed = session->fetchSome(names); });
        return toBytes(sealed);
    }
    ChunkId treeOf(const std::string& path) { return *fixture.pipeline.node(snapshot, path).tree; }
    ChunkId contentOf(const std::string& path) {
        return *fixture.pipeline.node(snapshot, path).content.extents.at(0).chunk;
    }

    StoreFixture fixture;
    MemorySource source;
    Snapshot snapshot;
    Coffer::RestoreTerms_var terms;
};

TEST_F(RestoreSessionTest, TellsTheEntriesAndTheKeyOfTheDomain) {
    beginAt({"/data/sub", "/data/file"});
    ASSERT_EQ(terms->nodes.length(), 2U);
    EXPECT_EQ(textOf(terms->nodes[0].where), "/data/sub");
    EXPECT_EQ(TreeNode::decode(viewOf(terms->nodes[1].node)),
              fixture.pipeline.node(snapshot, "/data/file"));
    EXPECT_EQ(toId<RepositoryId>(terms->repositoryId),
              fixture.pipeline.repository->config().repositoryId);
    EXPECT_EQ(toBytes(terms->domainKey),
              Bytes(fixture.pipeline.domainKey().begin(), fixture.pipeline.domainKey().end()));
    beginAt({});
    ASSERT_EQ(terms->nodes.length(), 1U);
    EXPECT_EQ(textOf(terms->nodes[0].where), "/");
}

TEST_F(RestoreSessionTest, GivesWhatIsBelowItsEntriesOnTheWayDown) {
    const auto session = beginAt({"/data"});
    const auto deep = contentOf("/data/sub/deep");
    // Nothing is known of it before the tree that names it was read.
    expectError(ErrorCode::permissionDenied, [&] { plan(session, {treeOf("/data/sub")}); });
    expectError(ErrorCode::permissionDenied, [&] { plan(session, {deep}); });
    plan(session, {treeOf("/data")});
    plan(session, {contentOf("/data/file")});
    expectError(ErrorCode::permissionDenied, [&] { plan(session, {deep}); });
    plan(session, {treeOf("/data/sub")});
    auto blocks = plan(session, {deep, treeOf("/data")});
    ASSERT_EQ(blocks->length(), 2U);
    for (CORBA::ULong i = 0; i < 2; ++i) {
        const PlannedBlock block = toBlock(blocks[i], toId<RepositoryId>(terms->repositoryId));
        Decompressor decompressor;
        const Coffer::Octets_var sealed = fetch(session, blocks[i]);
        EXPECT_EQ(openBlock(block.access, block.place, viewOf(sealed), decompressor).size(),
                  block.place.rawLength);
    }
}

TEST_F(RestoreSessionTest, GivesNothingBesideItsEntries) {
    source.addFolder("/other");
    source.addFile("/other/file", coffer::noise(300'000, 3));
    const Snapshot other = fixture.pipeline.backupPaths(source, {"/other"});
    const auto otherSession = begin(fixture.restoreToken(other, {"/other/file"}));
    const ChunkId foreign =
        *fixture.pipeline.node(other, "/other/file").content.extents.at(0).chunk;
    auto elsewhere = plan(otherSession, {foreign});

    const auto part = beginAt({"/data/sub"});
    plan(part, {treeOf("/data/sub")});
    plan(part, {contentOf("/data/sub/deep")});
    expectError(ErrorCode::permissionDenied, [&] { plan(part, {contentOf("/data/file")}); });
    expectError(ErrorCode::permissionDenied, [&] { plan(part, {treeOf("/data")}); });
    expectError(ErrorCode::permissionDenied, [&] { plan(part, {foreign}); });
    expectError(ErrorCode::permissionDenied, [&] { plan(part, {randomId<ChunkId>()}); });
    // One that is allowed beside one that is not changes nothing.
    expectError(ErrorCode::permissionDenied, [&] {
        plan(part, {contentOf("/data/sub/deep"), contentOf("/data/file")});
    });
    expectError(ErrorCode::permissionDenied, [&] { fetch(part, elsewhere[0]); });
    Coffer::PlannedBlock beyond = elsewhere[0];
    beyond.number = 0xffffffff;
    expectError(ErrorCode::permissionDenied, [&] { fetch(part, beyond); });
    beyond.pack = toOctets(randomId<PackId>());
    expectError(ErrorCode::notFound, [&] { fetch(part, beyond); });
}

TEST_F(RestoreSessionTest, GivesSeveralBlocksAtATime) {
    const auto session = beginAt({"/data"});
    EXPECT_TRUE(truthIn(toMap(terms->more), fetchesSome, false));
    plan(session, {treeOf("/data")});
    // What files and folders hold is never in one block; two files may be.
    auto blocks = plan(session, {contentOf("/data/file"), treeOf("/data/sub")});
    ASSERT_EQ(blocks->length(), 2U);
    Bytes alone = toBytes(fetch(session, blocks[0]));
    append(alone, toBytes(fetch(session, blocks[1])));
    EXPECT_EQ(fetchSome(session, blocks), alone);
    EXPECT_TRUE(fetchSome(session, Coffer::PlannedBlocks()).empty());

    // One that cannot be had, and nothing comes.
    const auto part = beginAt({"/data/file"});
    plan(part, {contentOf("/data/file")});
    expectError(ErrorCode::permissionDenied, [&] { fetchSome(part, blocks); });
    Coffer::PlannedBlocks wrong = blocks;
    wrong[1].pack = toOctets(randomId<PackId>());
    expectError(ErrorCode::notFound, [&] { fetchSome(session, wrong); });
    wrong[1].pack = toOctets(ByteView(Bytes(15)));
    expectError(ErrorCode::invalidArgument, [&] { fetchSome(session, wrong); });

    // Bounded by number and by length.
    Coffer::PlannedBlocks many;
    many.length(mostFetched + 1);
    for (CORBA::ULong i = 0; i < many.length(); ++i) many[i] = blocks[0];
    expectError(ErrorCode::invalidArgument, [&] { fetchSome(session, many); });
    const auto longest = *std::ranges::max_element(
        std::span(blocks->get_buffer(), blocks->length()), {}, &Coffer::PlannedBlock::sealedLength);
    many.length(longestFetch / longest.sealedLength + 1);
    for (CORBA::ULong i = 0; i < many.length(); ++i) many[i] = longest;
    expectError(ErrorCode::invalidArgument, [&] { fetchSome(session, many); });
    many.length(many.length() - 1);
    EXPECT_EQ(fetchSome(session, many).size(), many.length() * longest.sealedLength);

    fixture.caller = StoreFixture::agent("agent-2");
    expectError(ErrorCode::permissionDenied, [&] { fetchSome(session, blocks); });
}

TEST_F(RestoreSessionTest, AFileAlone) {
    const auto session = beginAt({"/data/file"});
    plan(session, {contentOf("/data/file")});
    expectError(ErrorCode::permissionDenied, [&] { plan(session, {treeOf("/data")}); });
}

TEST_F(RestoreSessionTest, ABlockWhosePackIsGoneIsNotFound) {
    const auto session = beginAt({"/data/file"});
    const ChunkId id = contentOf("/data/file");
    std::vector<std::string> packs;
    fixture.pipeline.store.list(
        "packs/", [&](std::string_view name, std::uint64_t) { packs.emplace_back(name); });
    auto blocks = plan(session, {id});
    for (const std::string& pack : packs) fixture.pipeline.store.remove(pack);
    expectError(ErrorCode::notFound, [&] { fetch(session, blocks[0]); });
}

TEST_F(RestoreSessionTest, CountsAndLengthsAreBounded) {
    const auto session = beginAt({"/data/file"});
    const std::vector<ChunkId> most(mostPlanned, contentOf("/data/file"));
    plan(session, most);
    expectError(ErrorCode::invalidArgument,
                [&] { plan(session, std::vector<ChunkId>(mostPlanned + 1, most[0])); });
    expectError(ErrorCode::invalidArgument, [&] {
        call("plan",
             [&] { const Coffer::PlannedBlocks_var blocks = session->plan(lend(Bytes(31))); });
    });
    Coffer::PlannedBlock wrong;
    wrong.pack = toOctets(ByteView(Bytes(17)));
    expectError(ErrorCode::invalidArgument, [&] { fetch(session, wrong); });
}

TEST_F(RestoreSessionTest, OnlyTheAgentOfTheRunMayCall) {
    fixture.caller = StoreFixture::agent("agent-1");
    const auto session = beginAt({"/data/file"});
    auto blocks = plan(session, {contentOf("/data/file")});
    const Caller strangers[] = {
        StoreFixture::agent("agent-2"), StoreFixture::agent("agent-1", Role::client), {false, {}}};
    for (const Caller& stranger : strangers) {
        fixture.caller = stranger;
        const auto refused = [&](const std::function<void()>& work) {
            expectError(ErrorCode::permissionDenied, [&] { call("call", work); });
        };
        refused([&] { beginAt({"/data/file"}); });
        refused([&] { plan(session, {contentOf("/data/file")}); });
        refused([&] { fetch(session, blocks[0]); });
        refused([&] { session->keepAlive(); });
        refused([&] { session->close(); });
    }
    fixture.caller = StoreFixture::agent("agent-1");
    fetch(session, blocks[0]);
}

TEST_F(RestoreSessionTest, WhatIsNotThereCannotBeRestored) {
    expectError(ErrorCode::notFound, [&] { beginAt({"/data/none"}); });
    expectError(ErrorCode::notFound, [&] { beginAt({"/data/file/below"}); });
    Snapshot other = snapshot;
    other.id = randomId<SnapshotId>();
    expectError(ErrorCode::notFound, [&] { begin(fixture.restoreToken(other)); });
    RunGrant grant = fixture.grant(RunGrant::Kind::restore);
    grant.snapshot = "no id";
    expectError(ErrorCode::invalidArgument, [&] { begin(fixture.tokens.issue(grant)); });
    expectError(ErrorCode::permissionDenied, [&] { begin(fixture.backupToken()); });
    EXPECT_EQ(fixture.sessions.count(), 0U);
}

TEST_F(RestoreSessionTest, EndsWithItsLease) {
    const auto session = beginAt({"/data/file"});
    fixture.clock.advance(storeLeases.seconds);
    expectError(ErrorCode::gone, [&] { plan(session, {contentOf("/data/file")}); });
    EXPECT_EQ(fixture.sessions.count(), 0U);
}

}  // namespace
}  // namespace coffer::rpc
