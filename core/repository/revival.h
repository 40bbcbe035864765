#pragma once

#include <vector>

#include "core/repository/id_filter.h"
#include "core/repository/repository.h"

namespace coffer {

/// Whether a backup of this agent may count on a chunk that lies at these places.
bool visibleTo(const Ledger& ledger, const AgentId& agent,
               const std::vector<ChunkLocation>& places);

/// The records that give condemned packs their former state back, so that all that `promised` names
/// is visible to the agent again, and what lists among it refer to. Packs condemned up to
/// `generation` were never promised from. May revive too much, never too little. To be called
/// within Repository::recordChosen.
std::vector<ManifestPayload> revive(Repository& repository, const AgentId& agent,
                                    std::uint64_t generation, const IdFilter& promised);

}  // namespace coffer
