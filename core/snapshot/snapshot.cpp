#include "core/snapshot/snapshot.h"

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/repository/envelope.h"
#include "core/snapshot/tree_format.h"

namespace coffer {

namespace {

constexpr std::uint8_t bodyVersion = 1;
constexpr std::uint64_t textLimit = 64 * 1024;
constexpr std::uint64_t textCountLimit = 64 * 1024;

void writeTexts(WireWriter& writer, const std::vector<std::string>& texts) {
    writer.varint(texts.size());
    for (const std::string& text : texts) writer.sized(text);
}

std::vector<std::string> readTexts(WireReader& reader, std::string_view what) {
    std::vector<std::string> texts(reader.bounded(textCountLimit, what));
    for (std::string& text : texts) text = reader.text(textLimit);
    return texts;
}

// The numbers in the order of the format; a reader ignores those a newer writer adds behind them.
template <class Statistics, class Each>
void forEachNumber(Statistics& s, Each&& each) {
    each(s.files);
    each(s.folders);
    each(s.others);
    each(s.bytes);
    each(s.readBytes);
    each(s.newBytes);
    each(s.storedBytes);
    each(s.changedFiles);
    each(s.warnings);
}
constexpr std::uint64_t numberCount = 9;

// A field's tag, as those of nodes: not critical.
constexpr std::uint64_t originTag = 1 * 2;

void writeOrigin(WireWriter& writer, const SnapshotOrigin& origin) {
    WireWriter value;
    value.raw(origin.repository.view());
    value.raw(origin.snapshot.view());
    value.raw(origin.agent.view());
    value.time(origin.committed);
    writer.varint(originTag);
    writer.sized(value.bytes());
}

SnapshotOrigin readOrigin(WireReader reader) {
    SnapshotOrigin origin;
    origin.repository = reader.id<RepositoryId>();
    origin.snapshot = reader.id<SnapshotId>();
    origin.agent = reader.id<AgentId>();
    origin.committed = reader.time();
    reader.expectEnd();
    return origin;
}

void readFields(WireReader& reader, Snapshot& snapshot) {
    for (std::uint64_t before = 0; !reader.atEnd();) {
        const std::uint64_t tag = reader.varint();
        const std::uint64_t number = tag >> 1;
        if (number <= before) throw Error(ErrorCode::corrupt, "fields out of order");
        before = number;
        const ByteView value = reader.sized(tree_format::nodeLimit);
        if (number == originTag >> 1) {
            snapshot.origin = readOrigin(WireReader(value));
        } else if (tag & tree_format::critical) {
            throw Error(ErrorCode::unsupported, "it has parts that need a newer version of Coffer");
        }
    }
}

}  // namespace

SnapshotId SnapshotOrigin::copyIn(const RepositoryId& target) const {
    WireWriter writer;
    writer.raw(bytesOf("coffer copy of a snapshot"));
    writer.raw(repository.view());
    writer.raw(snapshot.view());
    writer.raw(target.view());
    return SnapshotId::from(sha256(writer.bytes()).view().first(sizeof(SnapshotId::bytes)));
}

std::string shortName(const SnapshotId& id) {
    return id.hex().substr(0, 8);
}

SnapshotId snapshotIdOf(std::string_view digits) {
    const Bytes octets = fromHex(digits);
    if (octets.size() != sizeof(SnapshotId)) {
        throw Error(ErrorCode::invalidArgument, "not the id of a snapshot");
    }
    return SnapshotId::from(octets);
}

Bytes Snapshot::encodeBody() const {
    WireWriter writer;
    writer.u8(bodyVersion);
    writer.sized(host);
    writeTexts(writer, paths);
    writeTexts(writer, excludes);
    writeTexts(writer, filters);
    writer.time(started);
    writer.time(ended);
    writer.u8(base ? 1 : 0);
    if (base) writer.raw(base->view());
    writer.sized(root.encode());
    writer.varint(numberCount);
    forEachNumber(statistics, [&](std::uint64_t number) { writer.varint(number); });
    if (origin) writeOrigin(writer, *origin);
    return writer.take();
}

Snapshot Snapshot::decodeBody(const SnapshotId& id, ByteView body) {
    return during("snapshot " + id.hex(), [&] {
        WireReader reader(body);
        checkVersion(reader.u8(), bodyVersion);
        Snapshot snapshot;
        snapshot.id = id;
        snapshot.host = reader.text(textLimit);
        snapshot.paths = readTexts(reader, "number of paths");
        snapshot.excludes = readTexts(reader, "number of patterns");
        snapshot.filters = readTexts(reader, "number of filters");
        snapshot.started = reader.time();
        snapshot.ended = reader.time();
        const std::uint8_t hasBase = reader.u8();
        if (hasBase > 1) throw Error(ErrorCode::corrupt, "neither with a base nor without");
        if (hasBase == 1) snapshot.base = reader.id<SnapshotId>();
        snapshot.root = TreeNode::decode(reader.sized(tree_format::nodeLimit));
        const std::size_t numbers = reader.count(1, "number of statistics");
        if (numbers < numberCount) throw Error(ErrorCode::corrupt, "statistics are missing");
        forEachNumber(snapshot.statistics,
                      [&](std::uint64_t& number) { number = reader.varint(); });
        for (std::size_t i = numberCount; i < numbers; ++i) reader.varint();
        readFields(reader, snapshot);
        return snapshot;
    });
}

}  // namespace coffer
