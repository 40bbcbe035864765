#include "rescue/manifest_reader.h"

#include <gtest/gtest.h>

#include "core/base/wire.h"
#include "tests/support/expect_error.h"

namespace coffer::rescue {
namespace {

// Writes manifest records octet by octet as docs/formats/manifest.md has them.
class ManifestMaking : public testing::Test {
  protected:
    ManifestMaking() {
        config.repository.bytes.fill(7);
        config.digest.bytes.fill(8);
        config.serverVerify = server.verifyKey();
        segment.raw(bytesOf("CofferMf"));
        segment.u16(1);
    }

    void add(std::uint8_t type, const Bytes& payload) { add(type, payload, server); }

    void add(std::uint8_t type, const Bytes& payload, const SigningKey& signer,
             const char* purpose = "coffer manifest record") {
        WireWriter body;
        body.u64(++sequence);
        body.raw(previous.view());
        body.time({1000, 0});
        body.u8(type);
        body.raw(payload);
        previous = sha256(body.bytes());
        starts.push_back(segment.size());
        segment.sized(body.bytes());
        segment.raw(signer.sign(purpose, body.bytes()).view());
    }

    void addGenesis() { add(1, joined({config.repository.view(), config.digest.view()})); }
    void addAgent() { add(2, joined({agentId.view(), agent.verifyKey().view()})); }
    void addSnapshot(std::uint8_t id, const SigningKey& signer) {
        SnapshotRecord record;
        record.snapshot.bytes.fill(id);
        record.agent = agentId;
        const Bytes statement = record.statement(config.repository);
        EXPECT_EQ(statement.size(), 129U);
        const auto signature = signer.sign("coffer snapshot", statement);
        add(5, joined({ByteView(statement).subspan(16), signature.view()}));
    }
    void addPack(std::uint8_t id) {
        PackRecord record;
        record.pack.bytes.fill(id);
        record.size = 1000;
        record.agent = agentId;
        const Bytes statement = record.statement(config.repository);
        EXPECT_EQ(statement.size(), 88U);
        const auto signature = agent.sign("coffer pack registration", statement);
        add(3, joined({ByteView(statement).subspan(16), signature.view(), Bytes(16)}));
    }
    void addState(std::uint8_t id, std::uint8_t state) {
        add(4, joined({Bytes(16, id), Bytes{state}}));
    }
    void addForget(std::uint8_t id) { add(6, Bytes(16, id)); }
    void addMark(std::uint8_t id, const std::vector<std::string>& tags) {
        WireWriter mark;
        mark.raw(Bytes(16, id));
        mark.u8(1);
        mark.time({2000, 5});
        mark.varint(tags.size());
        for (const std::string& tag : tags) mark.sized(tag);
        add(8, mark.bytes());
    }
    void addTrash(std::uint8_t id) {
        WireWriter trash;
        trash.raw(Bytes(16, id));
        trash.time({3000, 7});
        add(9, trash.bytes());
    }
    void addUntrash(std::uint8_t id) { add(10, Bytes(16, id)); }

    static Bytes joined(std::initializer_list<ByteView> parts) {
        Bytes all;
        for (const ByteView part : parts) append(all, part);
        return all;
    }

    Manifest read(ByteView octets) {
        problems.clear();
        ProblemReport report([this](const std::string& line) { problems += line + "\n"; });
        ManifestReader reader(config, report);
        reader.addSegment("0000000000000001", octets);
        return reader.finish();
    }
    Manifest read() { return read(segment.bytes()); }

    Config config;
    SigningKey server = SigningKey::random();
    SigningKey agent = SigningKey::random();
    AgentId agentId;
    WireWriter segment;
    std::vector<std::size_t> starts;
    std::uint64_t sequence = 0;
    Digest previous;
    std::string problems;
};

TEST_F(ManifestMaking, TellsWhatBelongsToTheRepository) {
    addGenesis();
    addAgent();
    addPack(1);
    addPack(2);
    addPack(3);
    addState(2, 5);
    addState(3, 3);
    addSnapshot(4, agent);
    addSnapshot(5, agent);
    addForget(4);
    add(7, Bytes(24));
    const Manifest manifest = read();
    EXPECT_EQ(problems, "");
    ASSERT_EQ(manifest.packs.size(), 2U);
    EXPECT_EQ(manifest.packs[0].size, 1000U);
    EXPECT_EQ(manifest.packs[1].state, PackState::suspect);
    ASSERT_EQ(manifest.snapshots.size(), 1U);
    EXPECT_EQ(manifest.snapshots[0].record.snapshot.bytes[0], 5);
    EXPECT_EQ(manifest.lastSequence, 11U);
}

TEST_F(ManifestMaking, TellsWhatIsInTheTrash) {
    addGenesis();
    addAgent();
    for (std::uint8_t id = 4; id <= 6; ++id) addSnapshot(id, agent);
    addMark(4, {"audit", "release"});
    for (std::uint8_t id = 4; id <= 7; ++id) addTrash(id);
    addUntrash(5);
    addForget(6);
    addUntrash(6);
    const Manifest manifest = read();
    EXPECT_EQ(problems, "");
    ASSERT_EQ(manifest.snapshots.size(), 2U);
    EXPECT_EQ(manifest.snapshots[0].due, (Timestamp{3000, 7}));
    EXPECT_FALSE(manifest.snapshots[1].due);
}

TEST_F(ManifestMaking, MarksAreBounded) {
    addGenesis();
    addMark(4, std::vector<std::string>(33, "a"));
    addMark(4, {std::string(65, 'a')});
    addMark(4, std::vector<std::string>(32, std::string(64, 'a')));
    read();
    EXPECT_NE(problems.find("behind number 1"), std::string::npos) << problems;
    EXPECT_NE(problems.find("records 2 to 3 are missing"), std::string::npos) << problems;
}

TEST_F(ManifestMaking, RecordsOfLaterVersionsSayWhetherTheyMatter) {
    addGenesis();
    addAgent();
    add(128, {});
    add(255, Bytes(100, 7));
    addSnapshot(4, agent);
    EXPECT_EQ(read().snapshots.size(), 1U);
    EXPECT_EQ(problems, "");
    add(127, Bytes(100, 7));
    addSnapshot(5, agent);
    EXPECT_EQ(read().snapshots.size(), 2U);
    EXPECT_NE(problems.find("a record of a newer version"), std::string::npos) << problems;
}

TEST_F(ManifestMaking, BelievesNothingTheServerDidNotSign) {
    addGenesis();
    addAgent();
    add(6, Bytes(16), SigningKey::random());
    addSnapshot(4, agent);
    EXPECT_EQ(read().snapshots.size(), 1U);
    EXPECT_NE(problems.find("no record that the server signed"), std::string::npos);
    EXPECT_NE(problems.find("records 3 to 3 are missing"), std::string::npos);
}

TEST_F(ManifestMaking, BelievesNoRegistrationTheAgentDidNotSign) {
    addGenesis();
    addSnapshot(3, agent);  // not known yet
    addAgent();
    addSnapshot(4, server);
    addSnapshot(5, agent);
    const Manifest manifest = read();
    ASSERT_EQ(manifest.snapshots.size(), 1U);
    EXPECT_EQ(manifest.snapshots[0].record.snapshot.bytes[0], 5);
    EXPECT_NE(problems.find("agent that is not known"), std::string::npos);
    EXPECT_NE(problems.find("snapshot 04"), std::string::npos);
}

TEST_F(ManifestMaking, AnyFlippedOctetCostsOneRecord) {
    addGenesis();
    addAgent();
    for (std::uint8_t id = 1; id <= 5; ++id) addPack(id);
    addSnapshot(9, agent);
    const Bytes whole = segment.bytes();
    for (std::size_t at = starts[4]; at < starts[5]; ++at) {
        Bytes octets = whole;
        octets[at] ^= 0x40;
        const Manifest manifest = read(octets);
        EXPECT_EQ(manifest.packs.size(), 4U) << at;
        EXPECT_EQ(manifest.snapshots.size(), 1U) << at;
        EXPECT_NE(problems, "");
    }
}

TEST_F(ManifestMaking, ACutEndCostsWhatIsBehindIt) {
    addGenesis();
    addAgent();
    addPack(1);
    addPack(2);
    const Bytes octets = segment.bytes();
    EXPECT_EQ(read(ByteView(octets).first(octets.size() - 1)).packs.size(), 1U);
    EXPECT_NE(problems, "");
    EXPECT_EQ(read(ByteView(octets).first(3)).packs.size(), 0U);
}

TEST_F(ManifestMaking, RecordsThatComeAgainDoNotCount) {
    addGenesis();
    addAgent();
    addSnapshot(4, agent);
    const Bytes before = segment.bytes();
    addForget(4);
    segment.raw(ByteView(before).subspan(starts[2]));
    EXPECT_EQ(read().snapshots.size(), 0U);
    EXPECT_NE(problems.find("is there again"), std::string::npos);
}

TEST_F(ManifestMaking, TypesFrom128OnArePassedOver) {
    addGenesis();
    addAgent();
    add(128, {});
    add(255, Bytes(100, 7));
    addSnapshot(4, agent);
    const Manifest manifest = read();
    EXPECT_EQ(problems, "");
    EXPECT_EQ(manifest.snapshots.size(), 1U);
    EXPECT_EQ(manifest.lastSequence, 5U);
}

TEST_F(ManifestMaking, OtherTypesAreNot) {
    addGenesis();
    addAgent();
    add(127, {});
    addSnapshot(4, agent);
    EXPECT_EQ(read().snapshots.size(), 1U);
    EXPECT_NE(problems.find("newer version"), std::string::npos) << problems;
    EXPECT_NE(problems.find("records 3 to 3"), std::string::npos) << problems;
}

// A flipped bit in the head costs nothing; records of another version are signed for another
// purpose.
TEST_F(ManifestMaking, AnotherVersionIsThatOfTheRecords) {
    addGenesis();
    addAgent();
    addSnapshot(4, agent);
    Bytes octets = segment.bytes();
    octets[8] = 2;
    EXPECT_EQ(read(octets).snapshots.size(), 1U);
    EXPECT_NE(problems.find("newer version"), std::string::npos) << problems;
    add(6, Bytes(16, 4), server, "coffer manifest record 2");
    octets = segment.bytes();
    octets[8] = 2;
    EXPECT_EQ(read(octets).snapshots.size(), 1U);
}

TEST_F(ManifestMaking, TheManifestOfAnotherRepositoryIsRefused) {
    config.digest.bytes.fill(1);
    addGenesis();
    config.digest.bytes.fill(2);
    expectError(ErrorCode::untrusted, [&] { read(); });
}

TEST_F(ManifestMaking, OnlyAGenesisComesFirst) {
    addAgent();
    expectError(ErrorCode::untrusted, [&] { read(); });
}

}  // namespace
}  // namespace coffer::rescue
