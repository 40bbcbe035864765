#include "core/repository/manifest_record.h"

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/repository/manifest_format.h"

namespace coffer {

bool isSound(PackState state) {
    return state == PackState::received || state == PackState::verified;
}

std::string_view nameOf(PackState state) {
    switch (state) {
        case PackState::received:
            return "received";
        case PackState::verified:
            return "verified";
        case PackState::suspect:
            return "suspect";
        case PackState::condemned:
            return "condemned";
        case PackState::gone:
            return "gone";
    }
    return "unknown";
}

Bytes SnapshotRegistration::statement(const RepositoryId& repository) const {
    WireWriter writer;
    writer.raw(repository.view());
    writer.raw(id.view());
    writer.raw(agent.view());
    writer.raw(domain.view());
    writer.raw(root.view());
    writer.raw(object.view());
    writer.u8(hidden ? 1 : 0);
    return writer.take();
}

namespace {

// The alternatives' places in ManifestPayload are the type numbers, less one.
std::uint8_t typeOf(const ManifestPayload& payload) {
    if (const auto* unknown = std::get_if<UnknownRecord>(&payload)) return unknown->type;
    return static_cast<std::uint8_t>(payload.index() + 1);
}

struct PayloadWriter {
    WireWriter& to;

    void operator()(const GenesisRecord& record) const {
        to.raw(record.repository.view());
        to.raw(record.config.view());
    }
    void operator()(const AgentKeyRecord& record) const {
        to.raw(record.agent.view());
        to.raw(record.key.view());
    }
    void operator()(const PackRecord& record) const {
        const PackRegistration& pack = record.registration;
        to.raw(pack.pack.view());
        to.u64(pack.size);
        to.raw(pack.sha256.view());
        to.raw(pack.agent.view());
        to.raw(pack.signature.view());
        to.raw(record.session.view());
    }
    void operator()(const PackStateRecord& record) const {
        to.raw(record.pack.view());
        to.u8(static_cast<std::uint8_t>(record.state));
    }
    void operator()(const SnapshotRecord& record) const {
        const SnapshotRegistration& snapshot = record.registration;
        to.raw(snapshot.id.view());
        to.raw(snapshot.agent.view());
        to.raw(snapshot.domain.view());
        to.raw(snapshot.root.view());
        to.raw(snapshot.object.view());
        to.u8(snapshot.hidden ? 1 : 0);
        to.raw(snapshot.signature.view());
    }
    void operator()(const ForgetRecord& record) const { to.raw(record.snapshot.view()); }
    void operator()(const OwnerRecord& record) const {
        to.raw(record.owner.view());
        to.u64(record.epoch);
    }
    void operator()(const MarkRecord& record) const {
        to.raw(record.snapshot.view());
        record.mark.write(to);
    }
    void operator()(const TrashRecord& record) const {
        to.raw(record.snapshot.view());
        to.time(record.due);
    }
    void operator()(const UntrashRecord& record) const { to.raw(record.snapshot.view()); }
    void operator()(const UnknownRecord& record) const { to.raw(record.payload); }
};

PackRecord readPack(WireReader& from) {
    PackRecord record;
    record.registration.pack = from.id<PackId>();
    record.registration.size = from.u64();
    record.registration.sha256 = from.id<Digest>();
    record.registration.agent = from.id<AgentId>();
    record.registration.signature = from.id<Signature>();
    record.session = from.id<SessionId>();
    return record;
}

PackStateRecord readPackState(WireReader& from) {
    const auto pack = from.id<PackId>();
    const std::uint8_t state = from.u8();
    if (state < 1 || state > 5) throw Error(ErrorCode::corrupt, "unknown state of a pack");
    return {pack, static_cast<PackState>(state)};
}

SnapshotRecord readSnapshot(WireReader& from) {
    SnapshotRegistration snapshot;
    snapshot.id = from.id<SnapshotId>();
    snapshot.agent = from.id<AgentId>();
    snapshot.domain = from.id<DomainId>();
    snapshot.root = from.id<ChunkId>();
    snapshot.object = from.id<Digest>();
    const std::uint8_t hidden = from.u8();
    if (hidden > 1) throw Error(ErrorCode::corrupt, "unknown kind of snapshot");
    snapshot.hidden = hidden == 1;
    snapshot.signature = from.id<Signature>();
    return {snapshot};
}

ManifestPayload readPayload(WireReader& from, std::uint8_t type) {
    switch (type) {
        case 1: {
            const auto repository = from.id<RepositoryId>();
            return GenesisRecord{repository, from.id<Digest>()};
        }
        case 2: {
            const auto agent = from.id<AgentId>();
            return AgentKeyRecord{agent, from.id<VerifyKey>()};
        }
        case 3:
            return readPack(from);
        case 4:
            return readPackState(from);
        case 5:
            return readSnapshot(from);
        case 6:
            return ForgetRecord{from.id<SnapshotId>()};
        case 7: {
            const auto owner = from.id<OwnerId>();
            return OwnerRecord{owner, from.u64()};
        }
        case 8: {
            const auto snapshot = from.id<SnapshotId>();
            return MarkRecord{snapshot, SnapshotMark::read(from)};
        }
        case 9: {
            const auto snapshot = from.id<SnapshotId>();
            return TrashRecord{snapshot, from.time()};
        }
        case 10:
            return UntrashRecord{from.id<SnapshotId>()};
        default:
            if (type >= manifest_format::firstPassedOver) {
                return UnknownRecord{type, toBytes(from.raw(from.remaining()))};
            }
            throw Error(ErrorCode::unsupported, "manifest record of type " + std::to_string(type) +
                                                    " needs a newer version of Coffer");
    }
}

}  // namespace

Error newerRecord(std::uint64_t sequence) {
    return {ErrorCode::unsupported,
            "record " + std::to_string(sequence) +
                " of the manifest needs a newer version of Coffer; this one can only read the "
                "repository"};
}

Bytes ManifestRecord::encodeBody() const {
    WireWriter writer;
    writer.u64(sequence);
    writer.raw(previous.view());
    writer.time(time);
    writer.u8(typeOf(payload));
    std::visit(PayloadWriter{writer}, payload);
    return writer.take();
}

ManifestRecord ManifestRecord::decodeBody(ByteView body) {
    WireReader reader(body);
    ManifestRecord record;
    record.sequence = reader.u64();
    record.previous = reader.id<Digest>();
    record.time = reader.time();
    const std::uint8_t type = reader.u8();
    record.payload = readPayload(reader, type);
    reader.expectEnd();
    return record;
}

}  // namespace coffer
