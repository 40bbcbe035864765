#include "rescue/snapshot_reader.h"

#include <gtest/gtest.h>

#include "core/base/wire.h"
#include "tests/support/expect_error.h"

namespace coffer::rescue {
namespace {

// Writes snapshot objects octet by octet as docs/formats/snapshot.md has them.
class SnapshotMaking : public testing::Test {
  protected:
    SnapshotMaking() {
        repository.bytes.fill(1);
        record.snapshot.bytes.fill(2);
        record.agent.bytes.fill(3);
        record.root.bytes.fill(4);
        body.u8(1);
        body.sized(bytesOf("host"));
        body.varint(1);
        body.sized(bytesOf("/data"));
        body.varint(0);  // patterns
        body.varint(0);  // filters
        body.time({1000, 0});
        body.time({2000, 0});
        body.u8(0);  // no base
        WireWriter root;
        root.raw(Bytes{0x07, 1, 2});  // type: folder
        root.raw(Bytes{0x0f, 32});    // tree
        root.raw(record.root.view());
        body.sized(root.bytes());
        body.raw(Bytes{9, 5, 0, 0, 0, 0, 0, 0, 0, 0});
    }

    void field(std::uint64_t tag, const Bytes& value) {
        body.varint(tag);
        body.sized(value);
    }

    Snapshot read() {
        WireWriter inner;
        inner.raw(repository.view());
        inner.raw(record.snapshot.view());
        inner.raw(record.agent.view());
        inner.raw(record.root.view());
        inner.sized(body.bytes());
        WireWriter object;
        object.raw(bytesOf("CofferSn"));
        object.u16(1);
        object.raw(record.snapshot.view());
        object.raw(sealToBox(keys.metadata.publicKey, inner.bytes()));
        record.digest = sha256(object.bytes());
        return readSnapshot(object.bytes(), record, repository, keys);
    }

    RepositoryId repository;
    SnapshotRecord record;
    Keys keys{0, BoxKeyPair::random(), BoxKeyPair::random(), {}};
    WireWriter body;
};

TEST_F(SnapshotMaking, TellsWhatARestoreNeeds) {
    const Snapshot snapshot = read();
    EXPECT_EQ(snapshot.paths, std::vector<std::string>{"/data"});
    EXPECT_EQ(snapshot.files, 5U);
}

TEST_F(SnapshotMaking, FieldsThatAreNotCriticalArePassedOver) {
    field(1 << 1, Bytes(64, 1));  // of a copy
    field(7 << 1, {});
    field(200 << 1, Bytes(100, 9));
    EXPECT_EQ(read().host, "host");
}

TEST_F(SnapshotMaking, ACriticalFieldKeepsFromIt) {
    field(7 << 1 | 1, {});
    expectError(
        ErrorCode::unsupported, [&] { read(); }, "newer version");
}

TEST_F(SnapshotMaking, FieldsComeInOrderAndOnce) {
    field(7 << 1, {});
    field(7 << 1, {});
    expectError(ErrorCode::corrupt, [&] { read(); });
}

}  // namespace
}  // namespace coffer::rescue
