#include "core/pipeline/reachable_chunks.h"

#include <algorithm>

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr std::size_t idsAtOnce = 16'384;  // looked up in the index

}  // namespace

void ReachableChunks::catchUp() {
    std::vector<ChunkId> fresh;
    const auto add = [&](const ChunkId& root) {
        if (roots_.insert(root).second) fresh.push_back(root);
    };
    for (const SnapshotInfo& snapshot : repository_->ledger().snapshots()) {
        add(snapshot.registration.root);
    }
    for (const ChunkId& root : repository_->running().pinned()) add(root);
    // After the snapshots: all packs that these need are registered by now.
    number();
    need(std::move(fresh), true);
    follow(true);
}

// The head is asked for first: what is registered meanwhile is seen twice rather than never.
void ReachableChunks::number() {
    const std::uint64_t head = repository_->ledger().head().sequence;
    for (const PackInfo& pack : repository_->ledger().packs(numberedTo_ + 1)) {
        cancel_->check();
        const PackId& id = pack.registration.pack;
        try {
            bits_.add(id, repository_->openPack(id)->directory());
        } catch (const Error& error) {
            if (!isPackDamage(error.code())) throw;  // else nothing is known of what it holds
        }
    }
    numberedTo_ = head;
}

void ReachableChunks::need(std::vector<ChunkId> ids, bool strict) {
    // In order the index's pages are each touched once.
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    for (std::span<const ChunkId> rest = ids; !rest.empty();) {
        cancel_->check();
        const auto some = rest.first(std::min(rest.size(), idsAtOnce));
        const auto places = repository_->index().find(some);
        for (std::size_t i = 0; i < some.size(); ++i) {
            if (needAt(places[i]) || !strict) continue;
            throw Error(ErrorCode::corrupt,
                        "chunk " + some[i].hex() +
                            ", which a snapshot needs, is in no pack that can be read: verify the "
                            "repository, then repair it or forget the damaged snapshots");
        }
        rest = rest.subspan(some.size());
    }
}

bool ReachableChunks::needAt(const std::vector<ChunkLocation>& places) {
    struct Known {
        ChunkBits::PackNumber pack;
        const ChunkLocation* place;
    };
    std::vector<Known> known;
    for (const ChunkLocation& place : places) {
        const auto pack = bits_.find(place.pack);
        if (pack && bits_.covers(*pack, place)) known.push_back({*pack, &place});
    }
    const auto proven = std::find_if(known.rbegin(), known.rend(), [this](const Known& at) {
        return repository_->ledger().stateOf(at.place->pack) == PackState::verified;
    });
    if (proven != known.rend()) {
        needPlace(proven->pack, *proven->place);
    } else {
        for (const Known& at : known) needPlace(at.pack, *at.place);
    }
    return !known.empty();
}

void ReachableChunks::needPlace(ChunkBits::PackNumber pack, const ChunkLocation& place) {
    if (bits_.need(pack, place.block, place.slot) && bits_.packs()[pack].refers) {
        pending_.insert(pack);
    }
}

// The newest pack first: what refers is registered after what it refers to, so that most packs are
// opened once.
void ReachableChunks::follow(bool strict) {
    while (!pending_.empty()) {
        const ChunkBits::PackNumber pack = *pending_.rbegin();
        pending_.erase(pack);
        need(referencesIn(pack), strict);
    }
}

std::vector<ChunkId> ReachableChunks::referencesIn(ChunkBits::PackNumber pack) {
    std::vector<ChunkId> ids;
    const auto opened = repository_->openPack(bits_.packs()[pack].id);
    const auto& blocks = opened->directory().blocks;
    for (std::uint32_t block = 0; block < blocks.size(); ++block) {
        const auto& chunks = blocks[block].chunks;
        for (std::uint32_t slot = 0; slot < chunks.size(); ++slot) {
            if (!bits_.lookInto(pack, block, slot)) continue;
            ids.insert(ids.end(), chunks[slot].references.begin(), chunks[slot].references.end());
        }
    }
    return ids;
}

void ReachableChunks::holdLists(const std::function<bool(const ChunkBits::Pack&)>& goes) {
    for (bool more = true; more;) {
        more = false;
        for (ChunkBits::PackNumber pack = 0; pack < bits_.packs().size(); ++pack) {
            const ChunkBits::Pack& it = bits_.packs()[pack];
            if (!it.lists || held_.contains(pack) || goes(it)) continue;
            held_.insert(pack);
            more = true;
            need(belowUnneededLists(pack), false);
        }
        follow(false);
    }
}

std::vector<ChunkId> ReachableChunks::belowUnneededLists(ChunkBits::PackNumber pack) {
    std::vector<ChunkId> ids;
    const auto opened = repository_->openPack(bits_.packs()[pack].id);
    const auto& blocks = opened->directory().blocks;
    for (std::uint32_t block = 0; block < blocks.size(); ++block) {
        if (blocks[block].kind != ChunkKind::list) continue;
        const auto& chunks = blocks[block].chunks;
        for (std::uint32_t slot = 0; slot < chunks.size(); ++slot) {
            if (bits_.isNeeded(pack, block, slot)) continue;
            ids.insert(ids.end(), chunks[slot].references.begin(), chunks[slot].references.end());
        }
    }
    return ids;
}

void ReachableChunks::needAll(const PackId& pack) {
    if (const auto number = bits_.find(pack)) bits_.needAll(*number);
}

void ReachableChunks::needNothing(const PackId& pack) {
    if (const auto number = bits_.find(pack)) bits_.needNothing(*number);
}

}  // namespace coffer
