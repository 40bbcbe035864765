#include "core/pipeline/doubted_packs.h"

#include "core/pipeline/pack_check.h"

namespace coffer {

std::vector<PlannedBlock> DoubtedPacks::plan(std::span<const ChunkId> ids) {
    try {
        std::vector<PlannedBlock> blocks = inner_.plan(ids);
        packs_.with([&](std::set<PackId>& packs) {
            for (const PlannedBlock& block : blocks) packs.insert(block.access.pack);
        });
        return blocks;
    } catch (const Error&) {
        const auto places = repository_.index().find(ids);
        packs_.with([&](std::set<PackId>& packs) {
            for (const auto& each : places) {
                for (const ChunkLocation& place : each) packs.insert(place.pack);
            }
        });
        throw;
    }
}

std::vector<std::pair<PackId, Error>> DoubtedPacks::check(const CancelToken& cancel) {
    std::vector<std::pair<PackId, Error>> damaged;
    if (!repository_.isOpenToWrite()) return damaged;
    const Ledger& ledger = repository_.ledger();
    for (const PackId& pack : packs_.with([](const std::set<PackId>& packs) { return packs; })) {
        const auto info = ledger.pack(pack);
        if (!info || !isSound(info->state)) continue;
        const PackVerdict verdict =
            judgePack(repository_, *info, [&](std::uint64_t) { cancel.check(); });
        if (!verdict.damage) continue;
        // A prune may have given it up meanwhile.
        repository_.recordChosen([&]() -> std::vector<ManifestPayload> {
            if (!isSound(ledger.stateOf(pack))) return {};
            return {PackStateRecord{pack, PackState::suspect}};
        });
        damaged.emplace_back(pack, *verdict.damage);
    }
    return damaged;
}

}  // namespace coffer
