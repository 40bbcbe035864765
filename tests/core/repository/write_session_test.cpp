#include "core/repository/write_session.h"

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/repository/pack_format.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

struct WriteSessionTest : testing::Test {
    TestRepository setting;
    AgentKeys keys = setting.keys();
    AgentKeys other = setting.newAgent();

    std::unique_ptr<WriteSession> begin(const AgentKeys& agent,
                                        std::optional<SnapshotId> base = std::nullopt) {
        return std::make_unique<WriteSession>(*setting, agent.agentId, base);
    }
    WrittenPack write(const AgentKeys& agent, const std::vector<TestChunk>& chunks) {
        return writePack(*begin(agent), agent, chunks);
    }
    bool missing(BackupStore& session, const ChunkId& id) { return session.missing({&id, 1})[0]; }
    bool missing(const AgentKeys& agent, const ChunkId& id) { return missing(*begin(agent), id); }

    SnapshotId commit(const AgentKeys& agent, const std::vector<TestChunk>& chunks) {
        const auto session = begin(agent);
        const ChunkId root = writePack(*session, agent, chunks).chunks.back();
        const SealedSnapshot snapshot = sealedSnapshot(agent, root);
        session->commit(snapshot);
        return snapshot.registration.id;
    }
};

TEST_F(WriteSessionTest, WaitsForTheRecoveryKit) {
    MemoryStore store;
    MemoryStore state;
    MemoryFolder databases;
    const RepositoryPlace place{store, state, databases.path(), setting.clock};
    Repository::create(place);
    Repository repository(place, Repository::Access::write);
    const AgentIdentity agent = AgentIdentity::random();
    repository.enrol(agent.id, agent.sign.verifyKey());
    expectError(
        ErrorCode::conflict, [&] { WriteSession(repository, agent.id, std::nullopt); },
        "recovery kit");
    repository.confirmKit(repository.kit());
    WriteSession(repository, agent.id, std::nullopt);
}

TEST_F(WriteSessionTest, WritesTagsInTheStepThatRegisters) {
    const SnapshotId made = [&] {
        WriteSession session(*setting, keys.agentId, std::nullopt,
                             {.id = {}, .tags = {"b", "a", "b"}});
        const ChunkId root = writePack(session, keys, std::vector{treeChunk("root", {})}).chunks[0];
        const SealedSnapshot snapshot = sealedSnapshot(keys, root);
        const std::uint64_t before = setting->ledger().head().sequence;
        session.commit(snapshot);
        EXPECT_EQ(setting->ledger().head().sequence, before + 2);  // one append
        return snapshot.registration.id;
    }();
    setting.removeLedger();
    setting.open();
    EXPECT_EQ(setting->ledger().snapshot(made)->mark.tags, (std::vector<std::string>{"a", "b"}));
    expectError(ErrorCode::invalidArgument, [&] {
        WriteSession(*setting, keys.agentId, std::nullopt, {.id = {}, .tags = {"no tag"}});
    });
    EXPECT_TRUE(setting->ledger().sessions().empty());
}

TEST_F(WriteSessionTest, ReplacesWhatACutAttemptLeftUnregistered) {
    WriteSession session(*setting, keys.agentId, std::nullopt);
    const ChunkId root = writePack(session, keys, std::vector{treeChunk("root", {})}).chunks[0];
    const SealedSnapshot snapshot = sealedSnapshot(keys, root);
    const std::string name = "snapshots/" + snapshot.registration.id.hex();
    putNew(setting->store(), name, bytesOf("of the attempt before"));
    {
        const RunningWork::Arrival arriving(setting->running(), name);
        expectError(ErrorCode::busy, [&] { session.commit(snapshot); });
    }
    const Timestamp committed = session.commit(snapshot);
    EXPECT_EQ(readAll(setting->store(), name, 1 << 20), snapshot.object);
    EXPECT_EQ(session.commit(snapshot), committed);
}

TEST_F(WriteSessionTest, CommitsUnderTheIdThatWasSettled) {
    const auto id = randomId<SnapshotId>();
    WriteSession session(*setting, keys.agentId, std::nullopt, {.id = id, .tags = {}});
    const ChunkId root = writePack(session, keys, std::vector{treeChunk("root", {})}).chunks[0];
    expectError(
        ErrorCode::conflict, [&] { session.commit(sealedSnapshot(keys, root)); }, id.hex());
    session.commit(sealSnapshot(keys, id, root, false, bytesOf("body")));
    EXPECT_TRUE(setting->ledger().snapshot(id));
}

TEST_F(WriteSessionTest, RefusesUnknownAgents) {
    expectError(ErrorCode::untrusted,
                [&] { WriteSession(*setting, randomId<AgentId>(), std::nullopt); });
    EXPECT_TRUE(setting->ledger().sessions().empty());
}

TEST_F(WriteSessionTest, IsKnownWhileItLasts) {
    const std::uint64_t generation = setting->ledger().head().sequence;
    auto session = begin(keys);
    ASSERT_EQ(setting->ledger().sessions().size(), 1U);
    EXPECT_EQ(setting->ledger().sessions()[0].agent, keys.agentId);
    EXPECT_EQ(setting->ledger().sessions()[0].generation, generation);
    session.reset();
    EXPECT_TRUE(setting->ledger().sessions().empty());
}

// docs/locking.md: who sees what of a pack in which state.
TEST_F(WriteSessionTest, AnswersMissingByTheStateOfThePack) {
    const TestChunk chunk = dataChunk("content");
    const ChunkId id = idOf(keys, chunk);
    EXPECT_TRUE(missing(keys, id));
    const WrittenPack pack = write(keys, {chunk});
    struct Rule {
        PackState state;
        bool missingToOwn;
        bool missingToOthers;
    };
    const Rule rules[] = {{PackState::received, false, true}, {PackState::verified, false, false},
                          {PackState::suspect, true, true},   {PackState::verified, false, false},
                          {PackState::condemned, true, true}, {PackState::gone, true, true}};
    for (const Rule& rule : rules) {
        if (rule.state != PackState::received) setPackState(*setting, pack.id, rule.state);
        EXPECT_EQ(missing(keys, id), rule.missingToOwn) << nameOf(rule.state);
        EXPECT_EQ(missing(other, id), rule.missingToOthers) << nameOf(rule.state);
    }
}

TEST_F(WriteSessionTest, OneVisiblePackIsEnough) {
    const TestChunk chunk = dataChunk("content");
    const ChunkId id = idOf(keys, chunk);
    const WrittenPack first = write(keys, {chunk});
    const WrittenPack second = write(other, {chunk});
    setPackState(*setting, first.id, PackState::condemned);
    EXPECT_TRUE(missing(keys, id));
    EXPECT_FALSE(missing(other, id));
    setPackState(*setting, second.id, PackState::verified);
    EXPECT_FALSE(missing(keys, id));
}

TEST_F(WriteSessionTest, AnswersInTheOrderAsked) {
    const WrittenPack pack = write(keys, {dataChunk("a"), dataChunk("b")});
    const std::vector<ChunkId> ids = {randomId<ChunkId>(), pack.chunks[1], randomId<ChunkId>(),
                                      pack.chunks[0], pack.chunks[1]};
    EXPECT_EQ(begin(keys)->missing(ids), (std::vector<bool>{true, false, true, false, false}));
    EXPECT_TRUE(begin(keys)->missing({}).empty());
}

TEST_F(WriteSessionTest, CommitsWhatWasSent) {
    auto session = begin(keys);
    const TestChunk file = dataChunk("file");
    const WrittenPack filePack = writePack(*session, keys, std::vector<TestChunk>{file});
    const TestChunk list = listChunk("list", {filePack.chunks[0]});
    const TestChunk tree = treeChunk("tree", {idOf(keys, list)});
    const WrittenPack treePack = writePack(*session, keys, std::vector<TestChunk>{list, tree});
    const SealedSnapshot snapshot = sealedSnapshot(keys, treePack.chunks[1]);
    session->commit(snapshot);
    session.reset();
    setting.open();
    EXPECT_EQ(setting->ledger().snapshots().size(), 1U);
    EXPECT_EQ(readChunk(*setting, treePack.chunks[1]), tree.content);
    EXPECT_EQ(readChunk(*setting, treePack.chunks[0]), list.content);
    EXPECT_EQ(readChunk(*setting, filePack.chunks[0]), file.content);
}

TEST_F(WriteSessionTest, RefusesWhatWasNeitherSentNorPromised) {
    // It is in the repository, and even the agent's own, but nobody asked in this session.
    const ChunkId stored = write(keys, {dataChunk("stored")}).chunks[0];
    const ChunkId unknown = idOf(keys, dataChunk("never sent"));
    for (const ChunkId& reference : {stored, unknown}) {
        for (const ChunkKind kind : {ChunkKind::tree, ChunkKind::list}) {
            const auto session = begin(keys);
            const TestChunk parent{kind, toBytes(bytesOf("parent")), {reference}};
            const TestChunk root = treeChunk("root", {idOf(keys, parent)});
            writePack(*session, keys, std::vector<TestChunk>{parent, root});
            expectError(
                ErrorCode::conflict,
                [&] { session->commit(sealedSnapshot(keys, idOf(keys, root))); }, reference.hex());
        }
        const auto session = begin(keys);  // and as the root itself
        expectError(
            ErrorCode::conflict, [&] { session->commit(sealedSnapshot(keys, reference)); },
            reference.hex());
    }
    EXPECT_TRUE(setting->ledger().snapshots().empty());
}

TEST_F(WriteSessionTest, AcceptsWhatWasPromised) {
    const ChunkId stored = write(keys, {dataChunk("stored")}).chunks[0];
    const auto session = begin(keys);
    EXPECT_FALSE(missing(*session, stored));
    const TestChunk root = treeChunk("root", {stored});
    const WrittenPack pack = writePack(*session, keys, std::vector<TestChunk>{root});
    session->commit(sealedSnapshot(keys, pack.chunks[0]));
    EXPECT_EQ(setting->ledger().snapshots().size(), 1U);
}

// An answer 'missing' promises nothing.
TEST_F(WriteSessionTest, AskingIsNotEnough) {
    const ChunkId foreign = write(other, {dataChunk("not visible yet")}).chunks[0];
    const auto session = begin(keys);
    EXPECT_TRUE(missing(*session, foreign));
    const TestChunk root = treeChunk("root", {foreign});
    const WrittenPack pack = writePack(*session, keys, std::vector<TestChunk>{root});
    expectError(ErrorCode::conflict,
                [&] { session->commit(sealedSnapshot(keys, pack.chunks[0])); });
}

TEST_F(WriteSessionTest, TakesOverTheRootOfAPinnedBase) {
    const SnapshotId base = commit(keys, {treeChunk("root", {})});
    const ChunkId root = setting->ledger().snapshot(base)->registration.root;
    const auto session = begin(keys, base);
    EXPECT_TRUE(session->terms().basePinned);
    session->commit(sealedSnapshot(keys, root));
    EXPECT_EQ(setting->ledger().snapshots().size(), 2U);
    const auto without = begin(keys);
    EXPECT_FALSE(without->terms().basePinned);
    expectError(ErrorCode::conflict, [&] { without->commit(sealedSnapshot(keys, root)); });
}

TEST_F(WriteSessionTest, DoesNotPinWhatIsUnknownForgottenOrAnothers) {
    EXPECT_FALSE(begin(keys, randomId<SnapshotId>())->terms().basePinned);
    const SnapshotId forgotten = commit(keys, {treeChunk("root", {})});
    setting->forget(forgotten);
    EXPECT_FALSE(begin(keys, forgotten)->terms().basePinned);
    const SnapshotId foreign = commit(other, {treeChunk("foreign root", {})});
    const auto session = begin(keys, foreign);
    EXPECT_FALSE(session->terms().basePinned);
    const ChunkId root = setting->ledger().snapshot(foreign)->registration.root;
    expectError(ErrorCode::conflict, [&] { session->commit(sealedSnapshot(keys, root)); });
}

TEST_F(WriteSessionTest, CommitsTheSameSnapshotOnceAndAnotherOfItsIdNever) {
    const auto session = begin(keys);
    const ChunkId root =
        writePack(*session, keys, std::vector<TestChunk>{treeChunk("root", {})}).chunks[0];
    const SealedSnapshot snapshot = sealedSnapshot(keys, root);
    const Timestamp first = session->commit(snapshot);
    setting.clock.advance(60);
    EXPECT_EQ(session->commit(snapshot), first);  // an answer that got lost is asked for again
    EXPECT_EQ(setting->ledger().snapshots().size(), 1U);

    const SealedSnapshot second =
        sealSnapshot(keys, snapshot.registration.id, root, true, bytesOf("another"));
    expectError(ErrorCode::conflict, [&] { session->commit(second); });
    EXPECT_EQ(setting->ledger().snapshots().size(), 1U);
}

TEST_F(WriteSessionTest, RefusesToCommitWhenAPackHasVanished) {
    const auto session = begin(keys);
    const WrittenPack pack =
        writePack(*session, keys, std::vector<TestChunk>{treeChunk("root", {})});
    setting.store.remove(packName(pack.id));
    expectError(ErrorCode::corrupt, [&] { session->commit(sealedSnapshot(keys, pack.chunks[0])); });
    EXPECT_TRUE(setting->ledger().snapshots().empty());
}

TEST_F(WriteSessionTest, ComparesWhatWasReceived) {
    const auto session = begin(keys);
    const auto upload = session->receivePack();
    EXPECT_EQ(upload->size(), 0U);
    EXPECT_TRUE(upload->holds(0, {}));
    const Bytes octets = noise(200'000, 7);
    upload->append(ByteView(octets).first(150'000));
    upload->append(ByteView(octets).subspan(150'000));
    EXPECT_EQ(upload->size(), octets.size());
    EXPECT_TRUE(upload->holds(0, octets));
    EXPECT_TRUE(upload->holds(100'000, ByteView(octets).subspan(100'000)));
    EXPECT_FALSE(upload->holds(1, octets));
    EXPECT_FALSE(upload->holds(octets.size() + 1, {}));
    Bytes changed = octets;
    changed.back() ^= 1;
    EXPECT_FALSE(upload->holds(0, changed));
}

TEST_F(WriteSessionTest, AnEmptyPackIsNone) {
    const auto session = begin(keys);
    const auto upload = session->receivePack();
    PackRegistration registration;
    registration.pack = upload->id();
    expectError(ErrorCode::corrupt, [&] { upload->finish(registration); });
}

/// Passes a pack's octets on and keeps the registration for the test to change.
class Interceptor : public PackUpload {
  public:
    struct Result {
        std::unique_ptr<PackUpload> upload;
        PackRegistration registration;
    };
    Interceptor(std::unique_ptr<PackUpload> upload, Result& to) : to_(to) {
        to_.upload = std::move(upload);
    }
    PackId id() const override { return to_.upload->id(); }
    void append(ByteView slice) override { to_.upload->append(slice); }
    void finish(const PackRegistration& registration) override { to_.registration = registration; }

  private:
    Result& to_;
};

struct Registration : WriteSessionTest {
    Interceptor::Result intercept(WriteSession& session) {
        Interceptor::Result result;
        PackWriter writer(keys, std::make_unique<Interceptor>(session.openPack(), result));
        addBlock(writer, keys, std::vector<TestChunk>{chunk});
        writer.finish();
        return result;
    }
    void sign(PackRegistration& it, const SigningKey& key) {
        it.signature = key.sign(pack_format::registrationPurpose, it.statement(keys.repositoryId));
    }
    void expectRefused(ErrorCode code, const std::function<void(PackRegistration&)>& change) {
        const auto session = begin(keys);
        const Interceptor::Result result = intercept(*session);
        PackRegistration registration = result.registration;
        change(registration);
        expectError(code, [&] { result.upload->finish(registration); });
        EXPECT_TRUE(setting->ledger().packs().empty());
        EXPECT_TRUE(missing(keys, idOf(keys, chunk)));
        // What was refused cannot be referred to.
        expectError(ErrorCode::conflict,
                    [&] { session->commit(sealedSnapshot(keys, idOf(keys, chunk))); });
    }
    TestChunk chunk = treeChunk("content", {});
};

TEST_F(Registration, TheTrueOneIsAccepted) {
    const auto session = begin(keys);
    const Interceptor::Result result = intercept(*session);
    result.upload->finish(result.registration);
    EXPECT_EQ(setting->ledger().packs().size(), 1U);
    EXPECT_FALSE(missing(keys, idOf(keys, chunk)));
}

TEST_F(Registration, TwiceIsRefused) {
    const auto session = begin(keys);
    const Interceptor::Result result = intercept(*session);
    result.upload->finish(result.registration);
    EXPECT_TRUE(errorOf([&] { result.upload->finish(result.registration); }));
    expectError(ErrorCode::alreadyExists,
                [&] { setting->registerPack(result.registration, randomId<SessionId>()); });
    EXPECT_EQ(setting->ledger().packs().size(), 1U);
}

TEST_F(Registration, OfAnotherSizeIsRefused) {
    expectRefused(ErrorCode::corrupt, [&](PackRegistration& it) {
        ++it.size;
        sign(it, keys.sign);
    });
}

TEST_F(Registration, WithABadSignatureIsRefused) {
    expectRefused(ErrorCode::untrusted, [](PackRegistration& it) { it.signature.bytes[9] ^= 1; });
    expectRefused(ErrorCode::untrusted, [](PackRegistration& it) { it.sha256.bytes[0] ^= 1; });
    expectRefused(ErrorCode::untrusted, [&](PackRegistration& it) { sign(it, other.sign); });
    expectRefused(ErrorCode::untrusted, [&](PackRegistration& it) {
        it.signature = keys.sign.sign("coffer snapshot", it.statement(keys.repositoryId));
    });
}

TEST_F(Registration, ByAnotherAgentIsRefused) {
    expectRefused(ErrorCode::untrusted, [&](PackRegistration& it) {
        it.agent = other.agentId;
        sign(it, other.sign);
    });
}

TEST_F(Registration, OfAnotherPackIsRefused) {
    expectRefused(ErrorCode::conflict, [&](PackRegistration& it) {
        it.pack = randomId<PackId>();
        sign(it, keys.sign);
    });
}

TEST_F(Registration, OfAnUnreadablePackIsRefused) {
    const auto session = begin(keys);
    const std::unique_ptr<PackUpload> upload = session->openPack();
    const Bytes rubbish = noise(2000, 1);
    upload->append(rubbish);
    PackRegistration it{upload->id(), rubbish.size(), sha256(rubbish), keys.agentId, {}};
    sign(it, keys.sign);
    expectError(ErrorCode::corrupt, [&] { upload->finish(it); });
    EXPECT_TRUE(setting->ledger().packs().empty());
}

}  // namespace
}  // namespace coffer
