// Snapshots by somebody who knows all public keys of a repository, which prove nothing.
#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/base/wire.h"
#include "core/repository/manifest_format.h"
#include "core/repository/manifest_log.h"
#include "core/repository/write_session.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

struct ForgedSnapshot : testing::Test {
    ForgedSnapshot() {
        root = writePack(session, keys, std::vector<TestChunk>{treeChunk("root", {})}).chunks[0];
        other = writePack(session, keys, std::vector<TestChunk>{treeChunk("other", {})}).chunks[0];
    }

    void expectRefused(const SealedSnapshot& snapshot, ErrorCode code = ErrorCode::untrusted) {
        expectError(code, [&] { session.commit(snapshot); });
        EXPECT_EQ(setting.store.size(snapshotName(snapshot.registration.id)), std::nullopt);
        EXPECT_TRUE(setting->ledger().snapshots().empty());
    }

    TestRepository setting;
    AgentKeys keys = setting.keys();
    WriteSession session{*setting, setting.agent.id, std::nullopt};
    ChunkId root;
    ChunkId other;
};

TEST_F(ForgedSnapshot, TheTrueOneIsAccepted) {
    const SealedSnapshot snapshot = sealedSnapshot(keys, root, "body");
    setting.clock.advance(60);
    EXPECT_EQ(session.commit(snapshot), setting.clock.now());
    const auto info = setting->ledger().snapshot(snapshot.registration.id);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->committed, setting.clock.now());
    EXPECT_EQ(setting->snapshotBody(info->registration), toBytes(bytesOf("body")));
}

TEST_F(ForgedSnapshot, WithoutASignatureIsRefused) {
    SealedSnapshot snapshot = sealedSnapshot(keys, root);
    snapshot.registration.signature = {};
    expectRefused(snapshot);
}

TEST_F(ForgedSnapshot, SignedByAnUnknownKeyIsRefused) {
    AgentKeys forger = keys;
    forger.sign = SigningKey::random();
    expectRefused(sealedSnapshot(forger, root));
}

TEST_F(ForgedSnapshot, OfAnotherAgentIsRefused) {
    expectRefused(sealedSnapshot(setting.newAgent(), root));
    AgentKeys unknown = keys;
    unknown.agentId = randomId<AgentId>();
    expectRefused(sealedSnapshot(unknown, root));
}

TEST_F(ForgedSnapshot, SignatureDoesNotFitAnythingElse) {
    const SealedSnapshot good = sealedSnapshot(keys, root);
    const auto changed = [&](const auto& change) {
        SealedSnapshot snapshot = good;
        change(snapshot.registration);
        return snapshot;
    };
    expectRefused(changed([](auto& it) { it.id = randomId<SnapshotId>(); }));
    expectRefused(changed([&](auto& it) { it.root = other; }));
    expectRefused(changed([](auto& it) { it.domain = randomId<DomainId>(); }));
    expectRefused(changed([](auto& it) { it.object = sha256({}); }));
    expectRefused(changed([](auto& it) { it.hidden = true; }));
    expectRefused(changed([](auto& it) { it.signature.bytes[5] ^= 1; }));
}

TEST_F(ForgedSnapshot, SignatureForAnotherPurposeOrRepositoryIsRefused) {
    SealedSnapshot snapshot = sealedSnapshot(keys, root);
    SnapshotRegistration& it = snapshot.registration;
    it.signature = keys.sign.sign("coffer pack registration", it.statement(keys.repositoryId));
    expectRefused(snapshot);
    it.signature =
        keys.sign.sign(manifest_format::snapshotPurpose, it.statement(randomId<RepositoryId>()));
    expectRefused(snapshot);
}

// The agent signs, but the sealed object names other ids than the registration.
TEST_F(ForgedSnapshot, ObjectAndRegistrationHaveToAgree) {
    const auto resigned = [&](SealedSnapshot snapshot, const auto& change) {
        SnapshotRegistration& it = snapshot.registration;
        change(it);
        it.object = sha256(snapshot.object);
        it.signature =
            keys.sign.sign(manifest_format::snapshotPurpose, it.statement(keys.repositoryId));
        return snapshot;
    };
    const SealedSnapshot good = sealedSnapshot(keys, root);
    expectRefused(resigned(good, [](auto& it) { it.id = randomId<SnapshotId>(); }));
    expectRefused(resigned(good, [&](auto& it) { it.root = other; }));
    AgentKeys elsewhere = keys;
    elsewhere.repositoryId = randomId<RepositoryId>();
    expectRefused(resigned(sealedSnapshot(elsewhere, root), [](auto&) {}));
    SealedSnapshot swapped = good;
    swapped.object = sealedSnapshot(keys, root).object;
    expectRefused(swapped, ErrorCode::corrupt);
    expectRefused(resigned(swapped, [](auto&) {}));
}

TEST_F(ForgedSnapshot, PutInTheStoreItIsNotRead) {
    const SealedSnapshot good = sealedSnapshot(keys, root, "good");
    session.commit(good);
    // A forged object of the same name, ids and root, sealed with the public keys.
    const SealedSnapshot forged =
        sealSnapshot(keys, good.registration.id, root, false, bytesOf("evil"));
    setting.store.put(snapshotName(good.registration.id), forged.object);
    expectError(ErrorCode::corrupt, [&] { setting->snapshotBody(good.registration); });
    // One that nobody registered is no snapshot.
    const SealedSnapshot stray = sealedSnapshot(keys, root, "evil");
    setting.store.put(snapshotName(stray.registration.id), stray.object);
    EXPECT_EQ(setting->ledger().snapshots().size(), 1U);
    EXPECT_FALSE(setting->ledger().snapshot(stray.registration.id));
}

TEST_F(ForgedSnapshot, EnteredInTheManifestByAnAgentItIsRefused) {
    const SealedSnapshot forged = sealedSnapshot(keys, root);
    // The agent continues the chain correctly in everything but the key.
    const std::string name = "manifest/0000000000000001";
    const Bytes before = readAll(setting.store, name, 1 << 20);
    const ManifestHead head = setting->ledger().head();
    const ManifestRecord record{head.sequence + 1, head.digest, head.time,
                                SnapshotRecord{forged.registration}};
    const Bytes body = record.encodeBody();
    WireWriter writer;
    writer.raw(before);
    writer.sized(body);
    writer.raw(keys.sign.sign(manifest_format::recordPurpose, body).view());
    setting.store.put(name, writer.bytes());
    for (const auto access : {Repository::Access::read, Repository::Access::write}) {
        expectError(ErrorCode::untrusted, [&] { Repository(setting.place(), access); });
    }
}

}  // namespace
}  // namespace coffer
