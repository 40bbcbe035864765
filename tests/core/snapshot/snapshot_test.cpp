#include "core/snapshot/snapshot.h"

#include <gtest/gtest.h>

#include "core/base/wire.h"
#include "tests/support/expect_error.h"

namespace coffer {
namespace {

const SnapshotId id{{1, 2, 3}};

Snapshot sample() {
    Snapshot snapshot;
    snapshot.id = id;
    snapshot.host = "host.example";
    snapshot.paths = {"/home", "/etc", std::string("/odd \n\xff", 7)};
    snapshot.excludes = {"*.o", ""};
    snapshot.filters = {"include=*.c", "exclude-caches=yes"};
    snapshot.started = {1'700'000'000, 5};
    snapshot.ended = {1'700'000'100, 999'999'999};
    snapshot.base = SnapshotId{{9, 8, 7}};
    snapshot.root.attributes.type = EntryType::folder;
    snapshot.root.attributes.mode = 0755;
    snapshot.root.tree = ChunkId{{5}};
    snapshot.statistics = {1, 2, 3, 1ULL << 60, 5, 6, 7, 8, 9};
    return snapshot;
}

void expectSameBody(const Snapshot& a, const Snapshot& b) {
    EXPECT_EQ(a.id, b.id);
    EXPECT_EQ(a.host, b.host);
    EXPECT_EQ(a.paths, b.paths);
    EXPECT_EQ(a.excludes, b.excludes);
    EXPECT_EQ(a.filters, b.filters);
    EXPECT_EQ(a.started, b.started);
    EXPECT_EQ(a.ended, b.ended);
    EXPECT_EQ(a.base, b.base);
    EXPECT_EQ(a.root, b.root);
    EXPECT_EQ(a.statistics, b.statistics);
    EXPECT_EQ(a.origin, b.origin);
}

// A body whose statistics are all 0, with another number of them.
Bytes bodyWithStatistics(std::uint8_t count) {
    Snapshot snapshot = sample();
    snapshot.statistics = {};
    Bytes body = snapshot.encodeBody();
    body.resize(body.size() - 10);
    body.push_back(count);
    body.insert(body.end(), count, std::uint8_t{0});
    return body;
}

TEST(Snapshot, BodyComesBack) {
    expectSameBody(Snapshot::decodeBody(id, sample().encodeBody()), sample());
}

Snapshot sampleCopy() {
    Snapshot copy = sample();
    copy.origin = {RepositoryId{{1}}, SnapshotId{{2}}, AgentId{{3}}, {1'700'000'200, 7}};
    return copy;
}

TEST(Snapshot, ACopyKnowsWhatItIsACopyOf) {
    const Snapshot copy = sampleCopy();
    expectSameBody(Snapshot::decodeBody(id, copy.encodeBody()), copy);
    Bytes another = copy.encodeBody();
    --another.at(sample().encodeBody().size() + 1);  // the length of the field
    expectError(ErrorCode::corrupt, [&] { Snapshot::decodeBody(id, another); });
    const Bytes whole = copy.encodeBody();
    for (std::size_t size = sample().encodeBody().size() + 1; size < whole.size(); ++size) {
        expectError(ErrorCode::corrupt,
                    [&] { Snapshot::decodeBody(id, ByteView(whole).first(size)); });
    }
}

TEST(Snapshot, ThereIsOneIdForItsCopyInARepository) {
    const SnapshotOrigin origin = *sampleCopy().origin;
    const RepositoryId target{{9}};
    SnapshotOrigin same = origin;
    same.agent = {};
    same.committed = {};
    EXPECT_EQ(origin.copyIn(target), same.copyIn(target));
    SnapshotOrigin other = origin;
    other.snapshot.bytes[5] = 1;
    EXPECT_NE(origin.copyIn(target), other.copyIn(target));
    EXPECT_NE(origin.copyIn(target), origin.copyIn(RepositoryId{{8}}));
}

TEST(Snapshot, EmptyBodyComesBack) {
    Snapshot empty;
    empty.id = id;
    empty.root.attributes.type = EntryType::folder;
    expectSameBody(Snapshot::decodeBody(id, empty.encodeBody()), empty);
}

TEST(Snapshot, BodyLeavesOutWhatTheServerStamps) {
    Snapshot stamped = sample();
    stamped.committed = {5, 5};
    stamped.agent.bytes[0] = 1;
    stamped.domain.bytes[0] = 1;
    EXPECT_EQ(stamped.encodeBody(), sample().encodeBody());
}

TEST(Snapshot, StatisticsMayGrowButNotShrink) {
    Snapshot expected = sample();
    expected.statistics = {};
    for (const std::uint8_t count : Bytes{9, 10, 11, 100}) {
        expectSameBody(Snapshot::decodeBody(id, bodyWithStatistics(count)), expected);
    }
    expectError(
        ErrorCode::corrupt, [] { Snapshot::decodeBody(id, bodyWithStatistics(8)); }, id.hex());
}

TEST(Snapshot, EveryShorterBodyIsRefused) {
    const Bytes body = sample().encodeBody();
    for (std::size_t size = 0; size < body.size(); ++size) {
        expectError(ErrorCode::corrupt,
                    [&] { Snapshot::decodeBody(id, ByteView(body).first(size)); });
    }
    Bytes longer = body;
    longer.push_back(0);
    expectError(ErrorCode::corrupt, [&] { Snapshot::decodeBody(id, longer); });
}

TEST(Snapshot, ABodyOfAnotherFormatIsRefused) {
    Bytes body = sample().encodeBody();
    for (const auto& [version, why] : {std::pair{0, "never released"}, {2, "newer version"}}) {
        body[0] = static_cast<std::uint8_t>(version);
        expectError(
            ErrorCode::unsupported, [&] { Snapshot::decodeBody(id, body); }, why);
    }
}

TEST(Snapshot, FieldsItDoesNotKnowArePassedOverOrKeepOut) {
    const auto with = [](std::initializer_list<std::uint64_t> tags) {
        WireWriter writer;
        writer.raw(sample().encodeBody());
        for (const std::uint64_t tag : tags) {
            writer.varint(tag);
            writer.sized("of a later version");
        }
        return writer.take();
    };
    expectSameBody(Snapshot::decodeBody(id, with({4, 200})), sample());
    for (const auto& tags : {std::initializer_list<std::uint64_t>{5}, {4, 201}}) {
        expectError(
            ErrorCode::unsupported, [&] { Snapshot::decodeBody(id, with(tags)); }, "newer version");
    }
    expectError(ErrorCode::corrupt, [&] { Snapshot::decodeBody(id, with({200, 4})); });
    expectError(ErrorCode::corrupt, [&] { Snapshot::decodeBody(id, with({4, 4})); });
    expectError(ErrorCode::corrupt, [&] { Snapshot::decodeBody(id, with({0})); });
}

TEST(Snapshot, CountsThatLieAreRefused) {
    WireWriter writer;
    writer.u8(1);
    writer.sized("host");
    writer.varint(1ULL << 62);
    expectError(
        ErrorCode::corrupt, [&] { Snapshot::decodeBody(id, writer.bytes()); }, "number of paths");
}

}  // namespace
}  // namespace coffer
