#pragma once

#include <optional>

#include "core/repository/server_keys.h"
#include "core/storage/object_store.h"

namespace coffer {

/// What a server keeps of a repository outside of it, in its state folder (files 0600, or of its
/// group where a store shares it): the private keys, who it is as owner, and the root seed until
/// the recovery kit has been proven kept.
struct ServerState {
    RepositoryId repositoryId;
    OwnerId owner;
    ServerKeys keys;
    std::optional<SecretKey> rootSeed;

    void save(ObjectStore& state) const;

    /// Throws Error(notFound) when the folder holds no state.
    static ServerState load(ObjectStore& state);
};

/// An agent's own identity, in its state folder.
struct AgentIdentity {
    AgentId id;
    SigningKey sign;

    static AgentIdentity random();
    void save(ObjectStore& state) const;
    static std::optional<AgentIdentity> load(ObjectStore& state);
};

}  // namespace coffer
