#pragma once

#include <cstdint>
#include <variant>

#include "core/base/clock.h"
#include "core/codec/signature.h"
#include "rescue/ids.h"

namespace coffer::rescue {

// The records of the manifest (docs/formats/manifest.md).

struct GenesisRecord {
    RepositoryId repository;
    Digest config;
};

struct AgentRecord {
    AgentId agent;
    VerifyKey key;
};

struct PackRecord {
    PackId pack;
    std::uint64_t size = 0;
    Digest digest;
    AgentId agent;
    Signature signature;

    /// What the agent signed.
    Bytes statement(const RepositoryId& repository) const;
};

enum class PackState : std::uint8_t {
    received = 1,
    verified = 2,
    suspect = 3,
    condemned = 4,
    gone = 5
};

struct PackStateRecord {
    PackId pack;
    PackState state = PackState::received;
};

struct SnapshotRecord {
    SnapshotId snapshot;
    AgentId agent;
    DomainId domain;
    Digest root;  // chunk id
    Digest digest;
    bool hidden = false;
    Signature signature;

    /// What the agent signed.
    Bytes statement(const RepositoryId& repository) const;
};

struct ForgetRecord {
    SnapshotId snapshot;
};

struct OwnerRecord {};

/// Lock and tags, which say nothing to a rescue.
struct MarkRecord {};

struct TrashRecord {
    SnapshotId snapshot;
    Timestamp due;
};

struct UntrashRecord {
    SnapshotId snapshot;
};

/// Of a newer version, and of no matter to who does not know it.
struct PassedOver {};

using ManifestPayload =
    std::variant<GenesisRecord, AgentRecord, PackRecord, PackStateRecord, SnapshotRecord,
                 ForgetRecord, OwnerRecord, MarkRecord, TrashRecord, UntrashRecord, PassedOver>;

struct ManifestRecord {
    std::uint64_t sequence = 0;
    Digest previous;
    Timestamp time;
    ManifestPayload payload;
};

/// Parses the body of a record whose signature holds. Throws Error(corrupt, unsupported).
ManifestRecord readManifestRecord(ByteView body);

}  // namespace coffer::rescue
