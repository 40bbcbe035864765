#include "core/base/random.h"
#include "tests/core/rpc/store/backup_session_fixture.h"
#include "tests/support/expect_error.h"

namespace coffer::rpc {
namespace {

using BackupAccess = BackupSessionTest;

TEST_F(BackupAccess, TellsTheKeysOfTheAgentsDomainAndNoOther) {
    Coffer::BackupTerms_var terms;
    CORBA::Boolean pinned = true;
    const Bytes token = fixture.backupToken();
    const Coffer::BackupSession_var session =
        fixture.store->beginBackup(lend(token), Coffer::Octets(), terms.out(), pinned);
    EXPECT_FALSE(pinned);
    const AgentKeys told = toKeys(terms, fixture.pipeline.agent);
    EXPECT_EQ(told.repositoryId, keys().repositoryId);
    EXPECT_EQ(told.epoch, keys().epoch);
    EXPECT_EQ(told.content, keys().content);
    EXPECT_EQ(told.metadata, keys().metadata);
    EXPECT_EQ(told.domain.id, keys().domain.id);
    EXPECT_EQ(told.domain.key, keys().domain.key);
    EXPECT_EQ(told.domain.seed, keys().domain.seed);
    EXPECT_EQ(toChunker(terms), fixture.pipeline.repository->config().chunker);
}

TEST_F(BackupAccess, OnlyTheAgentOfTheRunMayCall) {
    fixture.caller = StoreFixture::agent("agent-1");
    const auto session = begin();
    const PackId id = open(session);
    const MadePack pack = makePack(id, keys(), "tree");
    const SealedSnapshot snapshot = sealedSnapshot(keys(), pack.chunks[0]);
    const Bytes token = fixture.backupToken();
    const Caller strangers[] = {StoreFixture::agent("agent-2"),
                                StoreFixture::agent("agent-1", Role::client),
                                StoreFixture::agent("agent-1", Role::server),
                                {false, {}}};
    for (const Caller& stranger : strangers) {
        fixture.caller = stranger;
        const auto refused = [&](const std::function<void()>& work) {
            expectError(ErrorCode::permissionDenied, [&] { call("call", work); });
        };
        refused([&] { begin(token); });
        refused([&] { const Coffer::Octets_var ids = session->suspects(); });
        refused([&] { missing(session, {}); });
        refused([&] { open(session); });
        refused([&] { append(session, id, 0, pack.octets); });
        refused([&] { finish(session, pack.registration); });
        refused([&] { commit(session, snapshot); });
        refused([&] { session->keepAlive(); });
        refused([&] { session->close(); });
    }
    fixture.caller = StoreFixture::agent("agent-1");
    append(session, id, 0, pack.octets);
    finish(session, pack.registration);
    commit(session, snapshot);
    session->close();
}

TEST_F(BackupAccess, TokensAreChecked) {
    Bytes forged = fixture.backupToken();
    forged.back() ^= 1;
    expectError(ErrorCode::permissionDenied, [&] { begin(forged); });
    expectError(ErrorCode::permissionDenied, [&] { begin({}); });
    RunGrant grant = fixture.grant(RunGrant::Kind::restore);
    expectError(
        ErrorCode::permissionDenied, [&] { begin(fixture.tokens.issue(grant)); }, "kind");
    const Bytes token = fixture.backupToken();
    const auto session = begin(token);
    fixture.clock.advance(3'600);
    expectError(
        ErrorCode::permissionDenied, [&] { begin(token); }, "expired");
    EXPECT_EQ(fixture.sessions.count(), 1U);
}

TEST_F(BackupAccess, UnknownAgentsAndRepositoriesAreRefused) {
    RunGrant grant = fixture.grant(RunGrant::Kind::backup);
    grant.agentId = randomId<AgentId>();
    expectError(ErrorCode::untrusted, [&] { begin(fixture.tokens.issue(grant)); });
    grant.repository = "unknown";
    expectError(ErrorCode::notFound, [&] { begin(fixture.tokens.issue(grant)); });
    EXPECT_EQ(fixture.sessions.count(), 0U);
}

TEST_F(BackupAccess, OneAgentSeesNothingOfAnother) {
    const auto session = begin();
    const MadePack pack = send(session, "tree");
    const AgentIdentity other = AgentIdentity::random();
    fixture.pipeline.repository->enrol(other.id, other.sign.verifyKey());
    RunGrant grant = fixture.grant(RunGrant::Kind::backup);
    grant.agent = "agent-2";
    grant.agentId = other.id;
    const auto foreign = begin(fixture.tokens.issue(grant));
    EXPECT_EQ(missing(foreign, {pack.chunks[0]}), std::vector<bool>{true});
    // It can neither repeat nor take over what was sent, nor refer to it.
    expectError(ErrorCode::notFound, [&] { finish(foreign, pack.registration); });
    const AgentKeys otherKeys = fixture.pipeline.repository->agentKeys(other);
    expectError(ErrorCode::conflict,
                [&] { commit(foreign, sealedSnapshot(otherKeys, randomId<ChunkId>())); });
    // It cannot sign for the first agent.
    expectError(ErrorCode::untrusted,
                [&] { commit(foreign, sealedSnapshot(keys(), pack.chunks[0])); });
    const PackId id = open(foreign);
    const MadePack signedByFirst = makePack(id, keys(), "other");
    append(foreign, id, 0, signedByFirst.octets);
    expectError(ErrorCode::untrusted, [&] { finish(foreign, signedByFirst.registration); });
}

}  // namespace
}  // namespace coffer::rpc
