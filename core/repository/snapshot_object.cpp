#include "core/repository/snapshot_object.h"

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/repository/envelope.h"
#include "core/repository/manifest_format.h"

namespace coffer {

namespace {

constexpr std::string_view magic = "CofferSn";
constexpr std::uint16_t formatVersion = 1;

// What is sealed: the identity first, so that a body cannot be moved to another snapshot.
Bytes plaintext(const RepositoryId& repository, const SnapshotRegistration& registration,
                ByteView body) {
    WireWriter writer;
    writer.raw(repository.view());
    writer.raw(registration.id.view());
    writer.raw(registration.agent.view());
    writer.raw(registration.root.view());
    writer.sized(body);
    return writer.take();
}

}  // namespace

SealedSnapshot sealSnapshot(const AgentKeys& keys, const SnapshotId& id, const ChunkId& root,
                            bool hidden, ByteView body) {
    SealedSnapshot sealed;
    SnapshotRegistration& registration = sealed.registration;
    registration.id = id;
    registration.agent = keys.agentId;
    registration.domain = keys.domain.id;
    registration.root = root;
    registration.hidden = hidden;
    WireWriter writer = beginObject(magic, formatVersion);
    writer.raw(id.view());
    writer.raw(sealToBox(keys.metadata, plaintext(keys.repositoryId, registration, body)));
    sealed.object = writer.take();
    if (sealed.object.size() > snapshotLimit) {
        throw Error(ErrorCode::limitExceeded, "too many paths and patterns for one snapshot");
    }
    registration.object = sha256(sealed.object);
    registration.signature =
        keys.sign.sign(manifest_format::snapshotPurpose, registration.statement(keys.repositoryId));
    return sealed;
}

Bytes openSnapshot(const SnapshotRegistration& registration, ByteView object,
                   const RepositoryId& repository, const ServerKeys& keys) {
    return during("snapshot " + registration.id.hex(), [&] {
        if (sha256(object) != registration.object) {
            throw Error(ErrorCode::corrupt, "the object is not the one that was registered");
        }
        WireReader reader = openObject(object, magic, formatVersion);
        const auto id = reader.id<SnapshotId>();
        const Bytes plain = openBox(keys.metadata, reader.raw(reader.remaining()));
        WireReader inner(plain);
        const auto foundRepository = inner.id<RepositoryId>();
        const auto innerId = inner.id<SnapshotId>();
        const auto agent = inner.id<AgentId>();
        const auto root = inner.id<ChunkId>();
        if (foundRepository != repository || id != registration.id || innerId != registration.id ||
            agent != registration.agent || root != registration.root) {
            throw Error(ErrorCode::untrusted, "the object belongs to another snapshot");
        }
        Bytes body = toBytes(inner.sized(snapshotLimit));
        inner.expectEnd();
        return body;
    });
}

std::string snapshotName(const SnapshotId& id) {
    return "snapshots/" + id.hex();
}

}  // namespace coffer
