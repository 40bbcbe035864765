#pragma once

#include "core/base/digest.h"
#include "core/repository/ids.h"

namespace coffer {

/// As which agent the server itself signs packs that it writes: its id is the repository's, its
/// verify key the config's server key (docs/formats/manifest.md).
inline AgentId serverAgent(const RepositoryId& repository) {
    return AgentId{repository.bytes};
}

/// As which agent the server signs its copies of an agent's snapshots (docs/formats/snapshot.md):
/// the same one in every repository, so copies of a source stay together. Its verify key is the
/// config's server key, too.
inline AgentId copyAgent(const AgentId& agent) {
    Bytes named = toBytes(bytesOf("coffer copies of agent"));
    append(named, agent.view());
    return AgentId::from(sha256(named).view().first(sizeof(AgentId::bytes)));
}

}  // namespace coffer
