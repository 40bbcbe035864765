#pragma once

#include "core/base/clock.h"
#include "core/chunk/chunker.h"
#include "core/codec/sealed_box.h"
#include "core/codec/signature.h"
#include "core/repository/ids.h"
#include "core/repository/root_key.h"

namespace coffer {

class ObjectStore;

/// Bits that tell a program whether it may use a repository it does not fully know.
struct FeatureFlags {
    std::uint64_t compatible = 0;          // unknown bits: go on
    std::uint64_t readOnlyCompatible = 0;  // unknown bits: read only
    std::uint64_t incompatible = 0;        // unknown bits: keep out

    bool operator==(const FeatureFlags&) const = default;
};

/// What never changes in a repository, signed by its root key (docs/formats/repository.md).
struct RepositoryConfig {
    RepositoryId repositoryId;
    Timestamp created;
    FeatureFlags flags;
    ChunkerParameters chunker;
    BoxPublicKey rootBox;
    VerifyKey rootSign;
    BoxPublicKey content;   // packs' content keys are sealed to it
    BoxPublicKey metadata;  // directories' keys and snapshots are sealed to it
    VerifyKey server;       // signs the manifest

    bool operator==(const RepositoryConfig&) const = default;

    Bytes encode(const RootKey& root) const;

    /// Throws Error(corrupt), (unsupported) for a newer format or unknown incompatible flags, or
    /// (untrusted) when its own root key did not sign it.
    static RepositoryConfig decode(ByteView data);

    /// That of a store. Throws Error(notFound) as well.
    static RepositoryConfig read(ObjectStore& store);

    /// Before anything is written: throws Error(unsupported) when unknown read-only-compatible
    /// flags forbid it.
    void requireWritable() const;
};

struct RecoveryKit;

/// The root key of a kit. Throws Error(wrongKey) unless the config is signed with it.
RootKey rootKeyFor(const RecoveryKit& kit, const RepositoryConfig& config);

}  // namespace coffer
