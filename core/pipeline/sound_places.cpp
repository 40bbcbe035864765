#include "core/pipeline/sound_places.h"

#include <algorithm>

namespace coffer {

bool SoundPlaces::anyOf(const std::vector<ChunkLocation>& places) const {
    return std::ranges::any_of(places, [this](const ChunkLocation& place) { return holds(place); });
}

bool SoundPlaces::anyInSoundPack(const std::vector<ChunkLocation>& places) const {
    return std::ranges::any_of(places,
                               [this](const ChunkLocation& place) { return isSound(place.pack); });
}

}  // namespace coffer
