#pragma once

#include <vector>

#include "core/chunk/chunk_id.h"
#include "rescue/config_reader.h"

namespace coffer::rescue {

/// Agents that share chunks, and the key of their chunk ids.
struct Domain {
    DomainId id;
    SecretKey idKey;

    ChunkHasher hasher() const { return ChunkHasher(idKey.bytes()); }
};

/// The private keys that open a repository (docs/formats/keys.md). Wiped when they go.
struct Keys {
    std::uint32_t epoch = 0;
    BoxKeyPair content;
    BoxKeyPair metadata;
    std::vector<Domain> domains;
};

constexpr std::size_t keyObjectLimit = 64 * 1024;

/// Reads the key object. Throws Error(untrusted, wrongKey, unsupported, corrupt).
Keys readKeys(ByteView object, const Config& config, const Kit& kit);

}  // namespace coffer::rescue
