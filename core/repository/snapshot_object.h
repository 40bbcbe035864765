#pragma once

#include <string>

#include "core/repository/manifest_record.h"
#include "core/repository/server_keys.h"

namespace coffer {

/// A snapshot object: the body (written and read by the snapshot layer) sealed to the metadata key.
/// Its registration, signed by the agent, stands in the manifest and names the object by its
/// digest.
struct SealedSnapshot {
    SnapshotRegistration registration;
    Bytes object;
};

/// Agent side: seals a body and signs the registration.
SealedSnapshot sealSnapshot(const AgentKeys& keys, const SnapshotId& id, const ChunkId& root,
                            bool hidden, ByteView body);

/// Server side: the body. Throws Error(corrupt), (untrusted) when the object is not the one
/// registered or names other ids than it, (wrongKey).
Bytes openSnapshot(const SnapshotRegistration& registration, ByteView object,
                   const RepositoryId& repository, const ServerKeys& keys);

/// "snapshots/<id>"
std::string snapshotName(const SnapshotId& id);

/// Octets that a snapshot object may have at most.
constexpr std::uint64_t snapshotLimit = 4 << 20;

}  // namespace coffer
