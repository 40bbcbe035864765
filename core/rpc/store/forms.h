#pragma once

#include <span>
#include <vector>

#include "core/repository/manifest_record.h"
#include "core/repository/pack_writer.h"
#include "core/repository/restore_store.h"
#include "core/repository/server_state.h"
#include "idl/repository.hh"

namespace coffer::rpc {

// The forms that things of a repository have in repository.idl. What comes from the other side
// throws Error(invalidArgument) when a length is wrong, and is checked no further where nothing
// else is said.

constexpr CORBA::ULong mostAsked = 4'096;          // ids of a BackupSession::missing
constexpr CORBA::ULong mostPlanned = 16'384;       // ids of a RestoreSession::plan
constexpr CORBA::ULong mostFetched = 64;           // blocks of a BlockSession::fetchSome
constexpr CORBA::ULong longestFetch = 4U << 20;    // octets of several of them
constexpr const char* fetchesSome = "fetch-some";  // in RestoreTerms::more
constexpr CORBA::ULong longestSlice = 4U << 20;    // octets of a BackupSession::append

/// Ids one behind the other. The sequence looks at the ids' own memory.
Coffer::Octets lendIds(std::span<const ChunkId> ids);
Coffer::Octets lend(ByteView data);

/// Throws Error(invalidArgument) for more than `most` ids or half ones.
std::vector<ChunkId> toIds(const Coffer::Octets& octets, CORBA::ULong most);

Coffer::PackEntry toEntry(const PackRegistration& registration);
PackRegistration toRegistration(const Coffer::PackEntry& entry);

Coffer::SnapshotEntry toEntry(const SnapshotRegistration& registration);
SnapshotRegistration toRegistration(const Coffer::SnapshotEntry& entry);

void fill(Coffer::BackupTerms& terms, const RepositoryConfig& config, const ServerKeys& keys);
AgentKeys toKeys(const Coffer::BackupTerms& terms, const AgentIdentity& agent);
ChunkerParameters toChunker(const Coffer::BackupTerms& terms);  // checked

void fill(Coffer::PlannedBlock& form, const PlannedBlock& block);

/// Checked: numbers of kinds and codecs, lengths, chunks within their block. The request numbers
/// are not.
PlannedBlock toBlock(const Coffer::PlannedBlock& form, const RepositoryId& repository);

}  // namespace coffer::rpc
