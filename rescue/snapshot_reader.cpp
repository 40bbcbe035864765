#include "rescue/snapshot_reader.h"

#include "core/base/error.h"
#include "core/base/printable.h"
#include "rescue/object_head.h"

namespace coffer::rescue {

namespace {

constexpr std::uint64_t textLimit = 64 * 1024;
constexpr std::size_t mostTexts = 65'536;
constexpr std::size_t fewestStatistics = 9;

[[noreturn]] void untrusted(const char* what) {
    throw Error(ErrorCode::untrusted, what);
}

std::vector<std::string> readTexts(WireReader& in, const char* what) {
    std::vector<std::string> texts;
    const auto number = in.count(1, what);
    if (number > mostTexts) throw Error(ErrorCode::corrupt, std::string("too many ") + what);
    for (std::size_t i = 0; i < number; ++i) texts.push_back(in.text(textLimit));
    return texts;
}

void readStatistics(WireReader& in, Snapshot& snapshot) {
    const auto number = in.count(1, "statistics");
    if (number < fewestStatistics) throw Error(ErrorCode::corrupt, "too few statistics");
    for (std::size_t i = 0; i < number; ++i) {
        const auto value = in.varint();
        if (i == 0) snapshot.files = value;
        if (i == 3) snapshot.fileOctets = value;
    }
}

// Of which snapshot it is a copy (field 1) says nothing to a restore.
void passFields(WireReader& in) {
    constexpr std::uint64_t copyNumber = 1;
    for (std::uint64_t before = 0; !in.atEnd();) {
        const auto tag = in.varint();
        const auto number = tag >> 1;
        if (number <= before) throw Error(ErrorCode::corrupt, "fields out of order");
        before = number;
        in.sized(nodeLimit);
        if (number != copyNumber && (tag & 1) != 0) {
            throw Error(ErrorCode::unsupported, "parts of a newer version");
        }
    }
}

void readBody(ByteView body, Snapshot& snapshot) {
    WireReader in(body);
    readInnerVersion(in);
    snapshot.host = in.text(textLimit);
    snapshot.paths = readTexts(in, "paths");
    readTexts(in, "patterns");
    readTexts(in, "filters");
    snapshot.started = in.time();
    snapshot.ended = in.time();
    const auto hasBase = in.u8();
    if (hasBase > 1) throw Error(ErrorCode::corrupt, "neither with a base nor without");
    if (hasBase == 1) in.raw(16);  // the snapshot it was compared with
    snapshot.root = during("root", [&] { return readNode(in.sized(nodeLimit)); });
    readStatistics(in, snapshot);
    passFields(in);
}

}  // namespace

std::string snapshotName(const SnapshotId& snapshot) {
    return "snapshots/" + snapshot.hex();
}

Snapshot readSnapshot(ByteView object, const SnapshotRecord& registered,
                      const RepositoryId& repository, const Keys& keys) {
    if (object.size() > snapshotLimit) throw Error(ErrorCode::corrupt, "too large");
    if (sha256(object) != registered.digest) {
        throw Error(ErrorCode::corrupt, "not the octets that were registered");
    }
    WireReader in(object);
    readObjectHead(in, "CofferSn");
    const auto outerId = in.id<SnapshotId>();
    const Bytes plaintext = openBox(keys.metadata, in.raw(in.remaining()));
    WireReader inner(plaintext);
    const auto innerRepository = inner.id<RepositoryId>();
    const auto innerId = inner.id<SnapshotId>();
    const auto agent = inner.id<AgentId>();
    const auto root = inner.id<Digest>();
    if (innerRepository != repository || outerId != registered.snapshot ||
        innerId != registered.snapshot || agent != registered.agent || root != registered.root) {
        untrusted("another snapshot than registered");
    }
    Snapshot snapshot;
    snapshot.id = registered.snapshot;
    snapshot.domain = registered.domain;
    readBody(inner.sized(snapshotLimit), snapshot);
    inner.expectEnd();
    if (!snapshot.root.name.empty()) throw Error(ErrorCode::corrupt, "a root with a name");
    if (!snapshot.root.isFolder() || !snapshot.root.tree ||
        snapshot.root.tree->bytes != registered.root.bytes) {
        untrusted("another root than registered");
    }
    return snapshot;
}

const RegisteredSnapshot& chooseSnapshot(const Manifest& manifest, const std::string& wanted) {
    const RegisteredSnapshot* chosen = nullptr;
    for (const RegisteredSnapshot& snapshot : manifest.snapshots) {
        if (wanted == "latest") {
            if (!snapshot.record.hidden && !snapshot.due) chosen = &snapshot;
        } else if (!wanted.empty() && snapshot.record.snapshot.hex().starts_with(wanted)) {
            if (chosen) {
                throw Error(ErrorCode::invalidArgument,
                            "more than one snapshot begins with " + printable(wanted));
            }
            chosen = &snapshot;
        }
    }
    if (!chosen) throw Error(ErrorCode::notFound, "no snapshot " + printable(wanted));
    return *chosen;
}

}  // namespace coffer::rescue
