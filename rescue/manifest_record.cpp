#include "rescue/manifest_record.h"

#include "core/base/error.h"
#include "core/base/wire.h"

namespace coffer::rescue {

namespace {

constexpr std::uint8_t firstPassedOver = 128;

PackRecord readPack(WireReader& in) {
    PackRecord record;
    record.pack = in.id<PackId>();
    record.size = in.u64();
    record.digest = in.id<Digest>();
    record.agent = in.id<AgentId>();
    record.signature = in.id<Signature>();
    in.raw(16);  // the session it came in
    return record;
}

PackStateRecord readPackState(WireReader& in) {
    const auto pack = in.id<PackId>();
    const auto state = in.u8();
    if (state < 1 || state > 5) throw Error(ErrorCode::corrupt, "no state of a pack");
    return {pack, static_cast<PackState>(state)};
}

SnapshotRecord readSnapshot(WireReader& in) {
    SnapshotRecord record;
    record.snapshot = in.id<SnapshotId>();
    record.agent = in.id<AgentId>();
    record.domain = in.id<DomainId>();
    record.root = in.id<Digest>();
    record.digest = in.id<Digest>();
    const auto hidden = in.u8();
    if (hidden > 1) throw Error(ErrorCode::corrupt, "neither hidden nor shown");
    record.hidden = hidden == 1;
    record.signature = in.id<Signature>();
    return record;
}

void passMark(WireReader& in) {
    const auto locked = in.u8();
    if (locked > 1) throw Error(ErrorCode::corrupt, "neither locked nor open");
    if (locked == 1) in.time();
    for (auto tags = in.bounded(32, "number of tags"); tags > 0; --tags) in.sized(64);
}

ManifestPayload readPayload(WireReader& in) {
    const std::uint8_t type = in.u8();
    switch (type) {
        case 1: {
            const auto repository = in.id<RepositoryId>();
            return GenesisRecord{repository, in.id<Digest>()};
        }
        case 2: {
            const auto agent = in.id<AgentId>();
            return AgentRecord{agent, in.id<VerifyKey>()};
        }
        case 3:
            return readPack(in);
        case 4:
            return readPackState(in);
        case 5:
            return readSnapshot(in);
        case 6:
            return ForgetRecord{in.id<SnapshotId>()};
        case 7:
            in.raw(16);
            in.u64();
            return OwnerRecord{};
        case 8:
            in.raw(16);
            passMark(in);
            return MarkRecord{};
        case 9: {
            const auto snapshot = in.id<SnapshotId>();
            return TrashRecord{snapshot, in.time()};
        }
        case 10:
            return UntrashRecord{in.id<SnapshotId>()};
        default:
            if (type >= firstPassedOver) {
                in.raw(in.remaining());
                return PassedOver{};
            }
            throw Error(ErrorCode::unsupported, "a record of a newer version");
    }
}

}  // namespace

Bytes PackRecord::statement(const RepositoryId& repository) const {
    WireWriter out;
    out.raw(repository.view());
    out.raw(pack.view());
    out.u64(size);
    out.raw(digest.view());
    out.raw(agent.view());
    return out.take();
}

Bytes SnapshotRecord::statement(const RepositoryId& repository) const {
    WireWriter out;
    out.raw(repository.view());
    out.raw(snapshot.view());
    out.raw(agent.view());
    out.raw(domain.view());
    out.raw(root.view());
    out.raw(digest.view());
    out.u8(hidden ? 1 : 0);
    return out.take();
}

ManifestRecord readManifestRecord(ByteView body) {
    WireReader in(body);
    ManifestRecord record;
    record.sequence = in.u64();
    record.previous = in.id<Digest>();
    record.time = in.time();
    record.payload = readPayload(in);
    in.expectEnd();
    return record;
}

}  // namespace coffer::rescue
