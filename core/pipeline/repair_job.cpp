#include "core/pipeline/repair_job.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/error.h"
#include "core/pipeline/pack_check.h"
#include "core/pipeline/repack.h"
#include "core/pipeline/sound_places.h"
#include "core/repository/generation_hold.h"

namespace coffer {

namespace {

std::vector<ChunkId> idsOf(const BlockPlace& block) {
    std::vector<ChunkId> ids;
    for (const ChunkPlace& chunk : block.chunks) ids.push_back(chunk.id);
    return ids;
}

std::shared_ptr<const OpenPack> tryOpen(Repository& repository, PackRepair& plan) {
    try {
        return repository.openPack(plan.pack);
    } catch (const Error& error) {
        if (error.endsRun()) throw;
        plan.newer = error.code() == ErrorCode::unsupported;
        return nullptr;
    }
}

SoundPlaces soundPacks(Repository& repository) {
    SoundPlaces sound;
    for (const PackInfo& info : repository.ledger().packs()) {
        if (isSound(info.state)) sound.addPack(info.registration.pack);
    }
    return sound;
}

PackRepair planOf(Repository& repository, const PackId& id, const SoundPlaces& sound,
                  const CancelToken& cancel) {
    PackRepair plan;
    plan.pack = id;
    const auto pack = tryOpen(repository, plan);
    if (!pack) return plan;
    plan.readable = true;
    const std::vector<std::uint32_t> readable = soundBlocks(repository, id, cancel);
    const auto& blocks = pack->directory().blocks;
    for (std::uint32_t number = 0; number < blocks.size(); ++number) {
        const bool isSound = std::ranges::binary_search(readable, number);
        std::uint64_t only = 0;  // chunks that lie nowhere else
        for (const auto& places : repository.index().find(idsOf(blocks[number]))) {
            sound.anyInSoundPack(places) ? ++plan.savedChunks : ++only;
        }
        if (only == 0) continue;
        (isSound ? plan.salvageChunks : plan.lostChunks) += only;
        if (!isSound) continue;
        plan.salvage.push_back(number);
        plan.salvageBytes += blocks[number].sealedLength;
    }
    return plan;
}

// Copies the sound chunks of a damaged pack that lie nowhere else, and counts them.
std::uint64_t salvage(Repository& repository, const PackRepair& plan, const SoundPlaces& sound,
                      Repacker& repacker) {
    const auto pack = repository.openPack(plan.pack);
    std::set<std::pair<std::uint32_t, std::uint32_t>> wanted;  // block, slot
    for (const std::uint32_t number : plan.salvage) {
        const auto places = repository.index().find(idsOf(pack->directory().blocks[number]));
        for (std::uint32_t slot = 0; slot < places.size(); ++slot) {
            if (!sound.anyInSoundPack(places[slot])) wanted.emplace(number, slot);
        }
    }
    repacker.copy(plan.pack, [&](std::uint32_t block, std::uint32_t slot) {
        return wanted.contains({block, slot});
    });
    return wanted.size();
}

bool allElsewhere(Repository& repository, const PackRepair& plan, const SoundPlaces& sound) {
    if (!plan.readable) return true;
    const auto pack = repository.openPack(plan.pack);
    return std::ranges::all_of(plan.salvage, [&](std::uint32_t number) {
        return std::ranges::all_of(
            repository.index().find(idsOf(pack->directory().blocks[number])),
            [&](const auto& places) { return sound.anyInSoundPack(places); });
    });
}

}  // namespace

RepairPlan planRepair(Repository& repository, const CancelToken& cancel) {
    RepairPlan plan;
    plan.generation = repository.ledger().head().sequence;
    const SoundPlaces sound = soundPacks(repository);
    for (const PackId& pack : repository.ledger().packsIn(PackState::suspect)) {
        plan.packs.push_back(planOf(repository, pack, sound, cancel));
    }
    if (plan.packs.empty()) return plan;
    plan.damage = searchKnownDamage(repository, cancel);
    // What no snapshot misses is needed by nobody.
    for (PackRepair& pack : plan.packs) {
        const bool unneeded = plan.damage.empty() || (pack.readable && pack.lostChunks == 0);
        pack.condemn = unneeded && !pack.newer;
    }
    return plan;
}

RepairResult runRepair(Repository& repository, const RepairPlan& plan, RunProgress& progress,
                       const CancelToken& cancel) {
    RepairResult result;
    for (const PackRepair& pack : plan.packs) progress.totalBytes += pack.salvageBytes;
    SoundPlaces sound = soundPacks(repository);
    const GenerationHold hold(repository);
    Repacker repacker(repository, hold.session(), cancel,
                      [&](std::uint64_t octets) { progress.bytes += octets; });
    for (const PackRepair& pack : plan.packs) {
        if (!pack.salvage.empty()) result.chunks += salvage(repository, pack, sound, repacker);
    }
    result.written = repacker.finish();
    sound = soundPacks(repository);
    repository.recordChosen([&] {
        const bool newer = repository.ledger().anySnapshotSince(plan.generation);
        std::vector<ManifestPayload> states;
        for (const PackRepair& pack : plan.packs) {
            const bool loses = pack.lostChunks > 0 || !pack.readable;
            if (!pack.condemn || (newer && loses)) continue;
            if (repository.ledger().stateOf(pack.pack) != PackState::suspect) continue;
            if (!allElsewhere(repository, pack, sound)) continue;
            states.push_back(PackStateRecord{pack.pack, PackState::condemned});
            result.condemned.push_back(pack.pack);
        }
        return states;
    });
    return result;
}

}  // namespace coffer
