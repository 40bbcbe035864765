#pragma once

#include "core/repository/ids.h"

namespace coffer {

/// As which agent the server itself signs packs that it writes: its id is the repository's, its
/// verify key the config's server key (docs/formats/manifest.md).
inline AgentId serverAgent(const RepositoryId& repository) {
    return AgentId{repository.bytes};
}

}  // namespace coffer
