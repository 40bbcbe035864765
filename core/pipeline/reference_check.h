#pragma once

#include <unordered_set>
#include <vector>

#include "core/base/cancel.h"
#include "core/pipeline/sound_places.h"
#include "core/repository/repository.h"

namespace coffer {

using ChunkSet = std::unordered_set<ChunkId, IdHash>;

/// The trees and lists in these packs that lead, over however many others, to a chunk that has no
/// sound place. That is no damage by itself: a backup that was cut, or goes on, leaves some, but
/// no snapshot leads there. Reads directories alone, once when all is there and a few times when
/// not; memory grows with what is found, not with the repository. `packs` are in the order in which
/// they were registered, which makes it quick. Throws what Repository::openPack throws, and
/// Error(cancelled).
ChunkSet findIncomplete(Repository& repository, const std::vector<PackId>& packs,
                        const SoundPlaces& sound, const CancelToken& cancel);

}  // namespace coffer
