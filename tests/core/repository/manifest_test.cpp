#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/base/wire.h"
#include "core/repository/manifest_format.h"
#include "core/repository/manifest_log.h"
#include "core/storage/memory_store.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

namespace format = manifest_format;

std::vector<ManifestPayload> agents(std::size_t count) {
    std::vector<ManifestPayload> payloads;
    for (std::size_t i = 0; i < count; ++i) {
        payloads.push_back(AgentKeyRecord{randomId<AgentId>(), randomId<VerifyKey>()});
    }
    return payloads;
}

struct Manifest : testing::Test {
    MemoryStore store;
    SigningKey server = SigningKey::random();
    ManualClock clock;
    std::vector<ManifestRecord> seen;

    ManifestHead read(std::uint64_t from = 1) {
        seen.clear();
        return readManifest(store, server.verifyKey(), from,
                            [&](const ManifestRecord& record) { seen.push_back(record); });
    }
    std::vector<std::string> segments() {
        std::vector<std::string> names;
        store.list(format::folder,
                   [&](std::string_view name, std::uint64_t) { names.emplace_back(name); });
        return names;
    }
    Bytes object(const std::string& name) { return readAll(store, name, 1 << 20); }

    // Enough for several segments.
    void fill() {
        ManifestLog log(store, server, clock);
        for (int i = 0; i < 10; ++i) log.append(agents(200));
        ASSERT_GE(segments().size(), 3U);
    }
};

TEST_F(Manifest, OfNothingIsEmpty) {
    EXPECT_EQ(read(), ManifestHead{});
    ManifestLog log(store, server, clock);
    EXPECT_EQ(log.head().sequence, 0U);
    EXPECT_TRUE(log.append({}).empty());
    EXPECT_TRUE(segments().empty());
}

TEST_F(Manifest, RecordsOfEveryKindSurvive) {
    PackRegistration pack{randomId<PackId>(), 123, sha256({}), randomId<AgentId>(),
                          randomId<Signature>()};
    SnapshotRegistration snapshot{randomId<SnapshotId>(), randomId<AgentId>(), randomId<DomainId>(),
                                  randomId<ChunkId>(),    sha256({}),          true,
                                  randomId<Signature>()};
    std::vector<ManifestPayload> payloads = {
        GenesisRecord{randomId<RepositoryId>(), sha256({})},
        AgentKeyRecord{randomId<AgentId>(), randomId<VerifyKey>()},
        PackRecord{pack, randomId<SessionId>()},
        SnapshotRecord{snapshot},
        ForgetRecord{snapshot.id},
        OwnerRecord{randomId<OwnerId>(), 9},
        MarkRecord{snapshot.id, {}},
        MarkRecord{snapshot.id, {Timestamp{1'900'000'000, 3}, {"audit", "release"}}},
        TrashRecord{snapshot.id, {1'900'000'000, 0}},
        UntrashRecord{snapshot.id}};
    for (std::uint8_t state = 1; state <= 5; ++state) {
        payloads.push_back(PackStateRecord{pack.pack, static_cast<PackState>(state)});
    }
    clock.advance(1000);
    const auto written = ManifestLog(store, server, clock).append(payloads);
    const ManifestHead head = read();
    ASSERT_EQ(seen.size(), payloads.size());
    Digest previous;
    for (std::size_t i = 0; i < payloads.size(); ++i) {
        EXPECT_EQ(seen[i].sequence, i + 1);
        EXPECT_EQ(seen[i].previous, previous);
        EXPECT_EQ(seen[i].time, clock.now());
        EXPECT_EQ(seen[i].payload.index(), payloads[i].index());
        EXPECT_EQ(seen[i].encodeBody(), written[i].encodeBody());
        EXPECT_EQ(ManifestRecord{written[i]}.encodeBody(),
                  (ManifestRecord{i + 1, previous, clock.now(), payloads[i]}.encodeBody()));
        previous = digestOf(seen[i]);
    }
    EXPECT_EQ(head, (ManifestHead{payloads.size(), previous, clock.now()}));
}

TEST_F(Manifest, RecordsThatDoNotParseAreRefused) {
    const ManifestRecord record{
        1, {}, clock.now(), PackStateRecord{randomId<PackId>(), PackState::gone}};
    Bytes body = record.encodeBody();
    for (std::size_t size = 0; size < body.size(); ++size) {
        expectError(ErrorCode::corrupt,
                    [&] { ManifestRecord::decodeBody(ByteView(body).first(size)); });
    }
    for (const int state : {0, 6, 255}) {
        body.back() = static_cast<std::uint8_t>(state);
        expectError(ErrorCode::corrupt, [&] { ManifestRecord::decodeBody(body); });
    }
    Bytes longer = record.encodeBody();
    longer.push_back(0);
    expectError(ErrorCode::corrupt, [&] { ManifestRecord::decodeBody(longer); });
    Bytes foreign = record.encodeBody();
    for (const std::uint8_t type : Bytes{0, 11, 127}) {
        foreign[foreign.size() - 18] = type;
        expectError(
            ErrorCode::unsupported, [&] { ManifestRecord::decodeBody(foreign); }, "newer version");
    }
}

TEST_F(Manifest, RecordsThatMayBePassedOverStayInTheChain) {
    ManifestRecord record{7, {}, {1000, 5}, ForgetRecord{}};
    Bytes body = record.encodeBody();
    for (const std::uint8_t type : Bytes{128, 255}) {
        body[body.size() - 17] = type;
        const ManifestRecord unknown = ManifestRecord::decodeBody(body);
        EXPECT_EQ(std::get<UnknownRecord>(unknown.payload).type, type);
        EXPECT_EQ(unknown.encodeBody(), body);
    }
    ManifestLog(store, server, clock).append(agents(2));
    const std::vector<ManifestPayload> foreign{UnknownRecord{200, Bytes{1, 2, 3}}};
    ManifestLog(store, server, clock).append(foreign);
    ManifestLog(store, server, clock).append(agents(2));
    std::size_t records = 0;
    readManifest(store, server.verifyKey(), 1, [&](const ManifestRecord&) { ++records; });
    EXPECT_EQ(records, 5U);
}

TEST_F(Manifest, GoesOnWhereItWasLeft) {
    ManifestHead head;
    for (std::size_t round = 0; round < 5; ++round) {
        ManifestLog log(store, server, clock);
        EXPECT_EQ(log.head(), head);
        log.append(agents(round + 1));
        head = log.head();
        EXPECT_EQ(read(), head);
    }
    EXPECT_EQ(head.sequence, 15U);
    EXPECT_EQ(segments().size(), 1U);
}

// As long as those of segments, but without a number.
TEST_F(Manifest, PassesOverOtherNames) {
    const ManifestHead head = ManifestLog(store, server, clock).head();
    ManifestLog(store, server, clock).append(agents(2));
    store.put("manifest/conflicted-copy.", Bytes{1});
    EXPECT_EQ(read().sequence, head.sequence + 2);
    ManifestLog(store, server, clock).append(agents(1));
    EXPECT_EQ(read().sequence, head.sequence + 3);
}

TEST_F(Manifest, StartsNewSegments) {
    fill();
    const ManifestHead head = read();
    EXPECT_EQ(head.sequence, 2000U);
    EXPECT_EQ(seen.size(), 2000U);
    EXPECT_EQ(ManifestLog(store, server, clock).head(), head);
    for (const std::string& name : segments()) {
        EXPECT_LE(*store.size(name), format::segmentLimit);
        const auto records = decodeSegment(object(name), server.verifyKey());
        EXPECT_EQ(std::stoull(name.substr(format::folder.size()), nullptr, 16),
                  records.front().sequence);
    }
    for (const std::uint64_t from : {1U, 2U, 200U, 201U, 777U, 1999U, 2000U}) {
        EXPECT_EQ(read(from), head);
        ASSERT_EQ(seen.size(), 2001 - from);
        EXPECT_EQ(seen.front().sequence, from);
    }
    EXPECT_EQ(read(2001), head);
    EXPECT_TRUE(seen.empty());
}

TEST_F(Manifest, TakesMoreThanABatchAtOnce) {
    const auto payloads = agents(2 * ManifestLog::batchSize + 7);
    ManifestLog log(store, server, clock);
    const auto written = log.append(payloads);
    ASSERT_EQ(written.size(), payloads.size());
    EXPECT_EQ(read(), log.head());
    ASSERT_EQ(seen.size(), payloads.size());
    for (std::size_t i = 0; i < payloads.size(); ++i) {
        EXPECT_EQ(std::get<AgentKeyRecord>(seen[i].payload).agent,
                  std::get<AgentKeyRecord>(payloads[i]).agent);
    }
}

TEST_F(Manifest, StampsNeverGoBack) {
    ManifestLog log(store, server, clock);
    log.append(agents(1));
    const Timestamp late = clock.now();
    clock.advance(-3600);
    log.append(agents(1));
    ManifestLog(store, server, clock).append(agents(1));
    clock.advance(3601);
    ManifestLog(store, server, clock).append(agents(1));
    read();
    ASSERT_EQ(seen.size(), 4U);
    EXPECT_EQ(seen[0].time, late);
    EXPECT_EQ(seen[1].time, late);
    EXPECT_EQ(seen[2].time, late);
    EXPECT_EQ(seen[3].time, late + 1'000'000'000);
}

TEST_F(Manifest, FailedAppendLeavesTheChainWhole) {
    struct FailingStore : MemoryStore {
        bool failing = false;
        void put(std::string_view name, ByteView data) override {
            if (failing) throw Error(ErrorCode::noSpace, "full");
            MemoryStore::put(name, data);
        }
    } failingStore;
    ManifestLog log(failingStore, server, clock);
    log.append(agents(2));
    failingStore.failing = true;
    expectError(ErrorCode::noSpace, [&] { log.append(agents(3)); });
    EXPECT_EQ(log.head().sequence, 2U);
    failingStore.failing = false;
    log.append(agents(1));
    EXPECT_EQ(readManifest(failingStore, server.verifyKey(), 1, [](const auto&) {}).sequence, 3U);
}

TEST_F(Manifest, SignedByAnotherKeyIsRefused) {
    ManifestLog(store, SigningKey::random(), clock).append(agents(2));
    expectError(ErrorCode::untrusted, [&] { read(); });
    expectError(ErrorCode::untrusted, [&] { ManifestLog(store, server, clock); });
}

TEST_F(Manifest, EveryFlippedOctetIsRefused) {
    ManifestLog(store, server, clock).append(agents(3));
    const std::string name = segments().front();
    const Bytes octets = object(name);
    for (std::size_t at = 0; at < octets.size(); ++at) {
        Bytes changed = octets;
        changed[at] ^= 0x20;
        store.put(name, changed);
        EXPECT_TRUE(errorOf([&] { read(); })) << "octet " << at;
    }
}

// A cut at the end of a record is a shorter chain; only who remembers the head can tell.
TEST_F(Manifest, CutInsideARecordIsRefused) {
    std::vector<std::size_t> ends;
    ManifestLog log(store, server, clock);
    for (int i = 0; i < 3; ++i) {
        log.append(agents(1));
        ends.push_back(static_cast<std::size_t>(*store.size(segments().front())));
    }
    const std::string name = segments().front();
    const Bytes octets = object(name);
    for (std::size_t size = 10; size < octets.size(); ++size) {
        store.put(name, ByteView(octets).first(size));
        if (size == ends[0] || size == ends[1]) {
            EXPECT_LT(read().sequence, 3U);
        } else {
            expectError(ErrorCode::corrupt, [&] { read(); });
        }
    }
}

// The records of one segment with their signatures, to be put together anew.
std::vector<Bytes> framesOf(ByteView segment) {
    WireReader reader(segment.subspan(10));
    std::vector<Bytes> frames;
    while (!reader.atEnd()) {
        WireWriter frame;
        frame.sized(reader.sized(1 << 20));
        frame.raw(reader.raw(64));
        frames.push_back(frame.take());
    }
    return frames;
}

Bytes segmentOf(ByteView segment, const std::vector<Bytes>& frames) {
    Bytes octets = toBytes(segment.first(10));
    for (const Bytes& frame : frames) append(octets, frame);
    return octets;
}

TEST_F(Manifest, ReorderedMissingOrRepeatedRecordsAreRefused) {
    ManifestLog(store, server, clock).append(agents(4));
    const std::string name = segments().front();
    const Bytes octets = object(name);
    const std::vector<Bytes> frames = framesOf(octets);
    ASSERT_EQ(frames.size(), 4U);
    const std::vector<std::vector<Bytes>> forgeries = {{frames[0], frames[2], frames[1], frames[3]},
                                                       {frames[1], frames[0], frames[2], frames[3]},
                                                       {frames[0], frames[1], frames[3]},
                                                       {frames[1], frames[2], frames[3]},
                                                       {frames[0], frames[1], frames[1], frames[2]},
                                                       {frames[3]}};
    for (const auto& forgery : forgeries) {
        store.put(name, segmentOf(octets, forgery));
        expectError(ErrorCode::corrupt, [&] { read(); });
    }
}

// The server's own signature on a record that continues another chain: two states of one server.
TEST_F(Manifest, BrokenLinkIsRefused) {
    ManifestLog(store, server, clock).append(agents(3));
    const std::string name = segments().front();
    const Bytes mine = object(name);
    MemoryStore otherStore;
    ManifestLog(otherStore, server, clock).append(agents(3));
    const Bytes other = readAll(otherStore, name, 1 << 20);
    std::vector<Bytes> frames = framesOf(mine);
    frames[2] = framesOf(other)[2];
    store.put(name, segmentOf(mine, frames));
    expectError(
        ErrorCode::untrusted, [&] { read(); }, "does not follow");
}

TEST_F(Manifest, MissingSegmentIsRefused) {
    fill();
    const std::vector<std::string> names = segments();
    for (std::size_t gone = 0; gone + 1 < names.size(); ++gone) {
        const Bytes octets = object(names[gone]);
        store.remove(names[gone]);
        expectError(ErrorCode::corrupt, [&] { read(); });
        expectError(ErrorCode::corrupt, [&] { read(2); });
        store.put(names[gone], octets);
    }
    EXPECT_EQ(read().sequence, 2000U);
}

TEST_F(Manifest, ForeignSegmentIsRefused) {
    fill();
    const std::vector<std::string> names = segments();
    const Bytes middle = object(names[1]);

    store.put(names[1], object(names[2]));  // of the same chain, in the wrong place
    expectError(ErrorCode::corrupt, [&] { read(); });

    MemoryStore otherStore;  // of another repository
    const SigningKey otherServer = SigningKey::random();
    ManifestLog otherLog(otherStore, otherServer, clock);
    for (int i = 0; i < 10; ++i) otherLog.append(agents(200));
    store.put(names[1], readAll(otherStore, names[1], 1 << 20));
    expectError(ErrorCode::untrusted, [&] { read(); });

    MemoryStore sameServer;  // of another chain with the same key
    ManifestLog sameLog(sameServer, server, clock);
    for (int i = 0; i < 10; ++i) sameLog.append(agents(200));
    store.put(names[1], readAll(sameServer, names[1], 1 << 20));
    expectError(ErrorCode::untrusted, [&] { read(); });

    store.put(names[1], middle);
    store.put("manifest/ffffffffffffffff", middle);  // a copy behind the end
    expectError(ErrorCode::corrupt, [&] { read(); });
}

TEST_F(Manifest, SegmentOfAnotherFormatSaysSo) {
    ManifestLog(store, server, clock).append(agents(1));
    const std::string name = segments().front();
    Bytes octets = object(name);
    for (const auto& [version, why] : {std::pair{0, "never released"}, {2, "newer version"}}) {
        octets[8] = static_cast<std::uint8_t>(version);
        store.put(name, octets);
        expectError(
            ErrorCode::unsupported, [&] { read(); }, why);
    }
}

}  // namespace
}  // namespace coffer
