#include "core/pipeline/reference_check.h"

#include <algorithm>

namespace coffer {

namespace {

class ReferenceCheck {
  public:
    ReferenceCheck(Repository& repository, const std::vector<PackId>& packs,
                   const SoundPlaces& sound, const CancelToken& cancel)
        : repository_(repository), packs_(packs), sound_(sound), cancel_(cancel) {}

    ChunkSet run() {
        for (const PackId& pack : packs_) {
            const auto opened = open(pack);
            const ChunkSet missing = missingOf(opened->directory());
            if (missing.empty()) continue;
            addThoseAbove(opened->directory(), missing);
        }
        // What is above is mostly registered later: a pass or two.
        while (!found_.empty() && addAllAbove()) continue;
        return std::move(found_);
    }

  private:
    std::shared_ptr<const OpenPack> open(const PackId& pack) {
        cancel_.check();
        return repository_.openPack(pack);
    }

    // References of a pack to what lies nowhere.
    ChunkSet missingOf(const PackDirectory& directory) {
        std::vector<ChunkId> ids;
        for (const BlockPlace& block : directory.blocks) {
            for (const ChunkPlace& chunk : block.chunks) {
                ids.insert(ids.end(), chunk.references.begin(), chunk.references.end());
            }
        }
        // In order the index's pages are each touched once.
        std::ranges::sort(ids);
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
        const auto places = repository_.index().find(ids);
        ChunkSet missing;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if (!sound_.anyOf(places[i])) missing.insert(ids[i]);
        }
        return missing;
    }

    bool addThoseAbove(const PackDirectory& directory, const ChunkSet& below) {
        bool added = false;
        for (const BlockPlace& block : directory.blocks) {
            for (const ChunkPlace& chunk : block.chunks) {
                const bool leads = std::ranges::any_of(
                    chunk.references, [&](const ChunkId& id) { return below.contains(id); });
                if (leads && found_.insert(chunk.id).second) added = true;
            }
        }
        return added;
    }

    bool addAllAbove() {
        bool added = false;
        for (const PackId& pack : packs_) {
            const auto opened = open(pack);
            while (addThoseAbove(opened->directory(), found_)) added = true;
        }
        return added;
    }

    Repository& repository_;
    const std::vector<PackId>& packs_;
    const SoundPlaces& sound_;
    const CancelToken& cancel_;
    ChunkSet found_;
};

}  // namespace

ChunkSet findIncomplete(Repository& repository, const std::vector<PackId>& packs,
                        const SoundPlaces& sound, const CancelToken& cancel) {
    return ReferenceCheck(repository, packs, sound, cancel).run();
}

}  // namespace coffer
