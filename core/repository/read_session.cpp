#include "core/repository/read_session.h"

#include <algorithm>
#include <tuple>

#include "core/base/error.h"

namespace coffer {

namespace {

struct Wanted {
    ChunkLocation location;
    std::uint32_t request;

    auto order() const { return std::tie(location.pack, location.block, location.slot); }
};

PlannedBlock planBlock(const OpenPack& pack, const ChunkLocation& location) {
    const BlockPlace& place = pack.directory().blocks.at(location.block);
    PlannedBlock block;
    block.access = pack.access(location.block);
    block.place.kind = place.kind;
    block.place.codec = place.codec;
    block.place.offset = place.offset;
    block.place.sealedLength = place.sealedLength;
    block.place.rawLength = place.rawLength;
    return block;
}

}  // namespace

std::shared_ptr<const OpenPack> ReadSession::tryOpen(const PackId& pack) {
    try {
        return repository_.openPack(pack);
    } catch (const Error&) {
        return nullptr;
    }
}

// A proven pack first, then one that was received, then any that can still be opened; it has to
// hold the id really.
ChunkLocation ReadSession::choose(const ChunkId& id, const std::vector<ChunkLocation>& places) {
    const auto holds = [&](const ChunkLocation& place) {
        const auto pack = tryOpen(place.pack);
        return pack && place.block < pack->directory().blocks.size() &&
               place.slot < pack->directory().blocks[place.block].chunks.size() &&
               pack->directory().blocks[place.block].chunks[place.slot].id == id;
    };
    const auto rank = [&](const ChunkLocation& place) {
        switch (repository_.ledger().stateOf(place.pack)) {
            case PackState::verified:
                return 0;
            case PackState::received:
                return 1;
            default:
                return 2;
        }
    };
    const ChunkLocation* best = nullptr;
    for (const ChunkLocation& place : places) {
        if (holds(place) && (!best || rank(place) < rank(*best))) best = &place;
    }
    if (!best) {
        throw Error(ErrorCode::notFound, "chunk " + id.hex() + " is in no readable pack");
    }
    return *best;
}

std::vector<PlannedBlock> ReadSession::plan(std::span<const ChunkId> ids) {
    return plan(ids, [](const ChunkPlace&) {});
}

std::vector<PlannedBlock> ReadSession::plan(
    std::span<const ChunkId> ids, const std::function<void(const ChunkPlace& chunk)>& each) {
    const auto places = repository_.index().find(ids);
    std::vector<Wanted> wanted;
    wanted.reserve(ids.size());
    for (std::uint32_t i = 0; i < ids.size(); ++i) {
        wanted.push_back({choose(ids[i], places[i]), i});
    }
    std::ranges::sort(wanted, {}, &Wanted::order);
    std::vector<PlannedBlock> plan;
    std::uint32_t slot = 0;
    std::uint32_t offset = 0;
    std::shared_ptr<const OpenPack> pack;
    const Wanted* before = nullptr;
    for (const Wanted& want : wanted) {
        const ChunkLocation& at = want.location;
        if (!before || before->location.pack != at.pack || before->location.block != at.block) {
            if (!before || before->location.pack != at.pack) pack = repository_.openPack(at.pack);
            plan.push_back(planBlock(*pack, at));
            slot = 0;
            offset = 0;
        }
        const auto& chunks = pack->directory().blocks[at.block].chunks;
        for (; slot < at.slot; ++slot) offset += chunks[slot].length;
        plan.back().chunks.push_back({want.request, offset, chunks[slot].length});
        each(chunks[slot]);
        before = &want;
    }
    return plan;
}

Bytes ReadSession::fetch(const PlannedBlock& block) {
    Bytes sealed(block.place.sealedLength);
    fetch(block.access.pack, block.access.number, block.place.offset, sealed);
    return sealed;
}

void ReadSession::fetch(const PackId& pack, std::uint32_t number, std::uint64_t offset,
                        std::span<std::uint8_t> out) {
    during("pack " + pack.hex() + ", block " + std::to_string(number),
           [&] { repository_.store().read(packName(pack), offset, out); });
}

}  // namespace coffer
