#pragma once

#include <vector>

#include "core/chunk/chunk_id.h"
#include "core/chunk/chunker.h"
#include "core/codec/sealed_box.h"
#include "core/codec/signature.h"
#include "core/repository/ids.h"
#include "core/repository/repository_config.h"
#include "core/repository/root_key.h"

namespace coffer {

/// Agents of one domain share stored chunks; nothing is shared between domains.
struct DedupDomain {
    DomainId id;
    DomainKey key{};
    ChunkerSeed seed{};

    static DedupDomain random();
};

/// The private keys of a repository, held by its server only.
struct ServerKeys {
    std::uint32_t epoch = 0;
    BoxKeyPair content;   // opens packs' blocks
    BoxKeyPair metadata;  // opens directories and snapshots
    SigningKey sign;      // signs the manifest
    std::vector<DedupDomain> domains;

    static ServerKeys random();

    /// Throws Error(notFound).
    const DedupDomain& domain(const DomainId& id) const;

    Bytes encode() const;
    static ServerKeys decode(ByteView data);  // Error(corrupt)
};

/// Throws Error(wrongKey) unless these are the private halves of what the config names.
void checkKeys(const ServerKeys& keys, const RepositoryConfig& config);

/// The key object kept in the repository: the server's keys sealed to the recovery kit and signed
/// by it (docs/formats/keys.md).
Bytes sealKeyObject(const ServerKeys& keys, const RepositoryId& repository, const RootKey& root);

/// Throws Error(wrongKey) when the kit belongs to another repository, (untrusted), (corrupt).
ServerKeys openKeyObject(ByteView object, const RepositoryId& repository, const RootKey& root);

/// All that can be checked without the kit: its form, its repository and the root key's signature.
/// Throws Error(untrusted), (corrupt), (unsupported).
void checkKeyObject(ByteView object, const RepositoryConfig& config);

/// What an agent is given: it can add, it can never read.
struct AgentKeys {
    RepositoryId repositoryId;
    std::uint32_t epoch = 0;
    BoxPublicKey content;
    BoxPublicKey metadata;
    DedupDomain domain;
    AgentId agentId;
    SigningKey sign;  // the agent's own
};

}  // namespace coffer
