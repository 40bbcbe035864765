#pragma once

#include <variant>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/repository/pack_writer.h"
#include "core/repository/snapshot_mark.h"

namespace coffer {

/// A pack's life (docs/locking.md). The numbers stand in the manifest and in repo.db.
enum class PackState : std::uint8_t {
    received = 1,   // visible to its own agent
    verified = 2,   // every byte was read and checked; visible to its domain
    suspect = 3,    // damaged: its chunks are asked for again
    condemned = 4,  // to be deleted
    gone = 5
};
std::string_view nameOf(PackState state);

/// No damage is known, and nobody has given it up.
bool isSound(PackState state);

/// A snapshot as the agent signs it and the server registers it.
struct SnapshotRegistration {
    SnapshotId id;
    AgentId agent;
    DomainId domain;
    ChunkId root;         // tree of the snapshot's root folder
    Digest object;        // SHA-256 of the snapshot object
    bool hidden = false;  // a checkpoint: kept for going on, not shown
    Signature signature;  // the agent's, over statement()

    bool operator==(const SnapshotRegistration&) const = default;
    Bytes statement(const RepositoryId& repository) const;
};

// What a manifest record says.
struct GenesisRecord {
    RepositoryId repository;
    Digest config;  // SHA-256 of the config object
};
struct AgentKeyRecord {
    AgentId agent;
    VerifyKey key;
};
struct PackRecord {
    PackRegistration registration;
    SessionId session;
};
struct PackStateRecord {
    PackId pack;
    PackState state;
};
struct SnapshotRecord {
    SnapshotRegistration registration;
};
struct ForgetRecord {
    SnapshotId snapshot;
};
struct OwnerRecord {
    OwnerId owner;
    std::uint64_t epoch = 0;
};
/// Replaces what was written on a snapshot.
struct MarkRecord {
    SnapshotId snapshot;
    SnapshotMark mark;
};
/// A snapshot is on its way out: not shown, to be forgotten at `due` and not before.
struct TrashRecord {
    SnapshotId snapshot;
    Timestamp due;
};
/// It is back.
struct UntrashRecord {
    SnapshotId snapshot;
};
/// Something that a newer version has noted: others may read on, and must not write any more.
struct UnknownRecord {
    std::uint8_t type = 0;
    Bytes payload;
};
using ManifestPayload =
    std::variant<GenesisRecord, AgentKeyRecord, PackRecord, PackStateRecord, SnapshotRecord,
                 ForgetRecord, OwnerRecord, MarkRecord, TrashRecord, UntrashRecord, UnknownRecord>;

/// One link of the hash chain, stamped with the server's time.
struct ManifestRecord {
    std::uint64_t sequence = 0;  // the first is 1
    Digest previous;             // SHA-256 of the body before
    Timestamp time;              // never earlier than the record before
    ManifestPayload payload;

    Bytes encodeBody() const;
    static ManifestRecord decodeBody(ByteView body);  // Error(corrupt), (unsupported)
};

/// What keeps a program from writing to a repository whose manifest has this record of a type that
/// it does not know.
Error newerRecord(std::uint64_t sequence);

}  // namespace coffer
