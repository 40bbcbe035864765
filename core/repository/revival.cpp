#include "core/repository/revival.h"

#include <algorithm>
#include <unordered_set>

#include "core/base/error.h"

namespace coffer {

bool visibleTo(const Ledger& ledger, const AgentId& agent,
               const std::vector<ChunkLocation>& places) {
    return std::ranges::any_of(places, [&](const ChunkLocation& place) {
        switch (ledger.stateOf(place.pack)) {
            case PackState::verified:
                return true;
            case PackState::received:
                return ledger.agentOf(place.pack) == agent;
            default:
                return false;
        }
    });
}

namespace {

class Revival {
  public:
    Revival(Repository& repository, const AgentId& agent, std::uint64_t generation)
        : repository_(repository), agent_(agent) {
        for (const PackId& id : repository.ledger().packsIn(PackState::condemned)) {
            const auto info = repository.ledger().pack(id);
            if (info && info->changed > generation) condemned_.push_back(*info);
        }
    }

    std::vector<ManifestPayload> run(const IdFilter& promised) {
        for (const PackInfo& pack : condemned_) reviveFor(promisedIn(pack, promised));
        return std::move(records_);
    }

  private:
    // A pack that cannot be read is of no use to anybody.
    std::shared_ptr<const OpenPack> open(const PackId& pack) {
        try {
            return repository_.openPack(pack);
        } catch (const Error&) {
            return nullptr;
        }
    }

    std::vector<ChunkId> promisedIn(const PackInfo& pack, const IdFilter& promised) {
        std::vector<ChunkId> ids;
        const auto opened = open(pack.registration.pack);
        if (!opened) return ids;
        for (const BlockPlace& block : opened->directory().blocks) {
            for (const ChunkPlace& chunk : block.chunks) {
                if (promised.mayContain(chunk.id)) ids.push_back(chunk.id);
            }
        }
        return ids;
    }

    // Lists lead to further chunks, level by level.
    void reviveFor(std::vector<ChunkId> needed) {
        while (!needed.empty()) {
            std::vector<ChunkId> below;
            const auto places = repository_.index().find(needed);
            for (std::size_t i = 0; i < needed.size(); ++i) {
                if (isThere(places[i])) continue;
                std::ranges::any_of(
                    places[i], [&](const ChunkLocation& place) { return reviveAt(place, below); });
            }
            needed = std::move(below);
        }
    }

    bool isThere(const std::vector<ChunkLocation>& places) const {
        return visibleTo(repository_.ledger(), agent_, places) ||
               std::ranges::any_of(places, [this](const ChunkLocation& place) {
                   return revived_.contains(place.pack);
               });
    }

    bool reviveAt(const ChunkLocation& place, std::vector<ChunkId>& below) {
        const auto pack = std::ranges::find(
            condemned_, place.pack, [](const PackInfo& info) { return info.registration.pack; });
        const auto opened = pack == condemned_.end() ? nullptr : open(place.pack);
        if (!opened) return false;
        revived_.insert(place.pack);
        records_.emplace_back(PackStateRecord{place.pack, pack->former});
        for (const BlockPlace& block : opened->directory().blocks) {
            if (block.kind != ChunkKind::list) continue;
            for (const ChunkPlace& chunk : block.chunks) {
                below.insert(below.end(), chunk.references.begin(), chunk.references.end());
            }
        }
        return true;
    }

    Repository& repository_;
    const AgentId& agent_;
    std::vector<PackInfo> condemned_;
    std::unordered_set<PackId, IdHash> revived_;
    std::vector<ManifestPayload> records_;
};

}  // namespace

std::vector<ManifestPayload> revive(Repository& repository, const AgentId& agent,
                                    std::uint64_t generation, const IdFilter& promised) {
    return Revival(repository, agent, generation).run(promised);
}

}  // namespace coffer
