#include "core/pipeline/repair_job.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "core/base/error.h"
#include "core/pipeline/pack_check.h"
#include "core/pipeline/sound_places.h"
#include "core/repository/write_session.h"

namespace coffer {

namespace {

constexpr int compressionLevel = 3;

std::vector<ChunkId> idsOf(const BlockPlace& block) {
    std::vector<ChunkId> ids;
    for (const ChunkPlace& chunk : block.chunks) ids.push_back(chunk.id);
    return ids;
}

std::shared_ptr<const OpenPack> tryOpen(Repository& repository, const PackId& pack) {
    try {
        return repository.openPack(pack);
    } catch (const Error& error) {
        if (error.endsRun()) throw;
        return nullptr;
    }
}

SoundPlaces soundPacks(Repository& repository) {
    SoundPlaces sound;
    for (const PackInfo& info : repository.ledger().packs()) {
        if (info.state == PackState::verified || info.state == PackState::received) {
            sound.addPack(info.registration.pack);
        }
    }
    return sound;
}

PackRepair planOf(Repository& repository, const PackId& id, const SoundPlaces& sound,
                  const CancelToken& cancel) {
    PackRepair plan;
    plan.pack = id;
    const auto pack = tryOpen(repository, id);
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

/// Writes salvaged chunks into packs of an agent.
class Salvage {
  public:
    Salvage(Repository& repository, const AgentIdentity& agent, RunProgress& progress,
            const CancelToken& cancel)
        : repository_(repository),
          keys_(repository.agentKeys(agent)),
          session_(repository, agent.id, std::nullopt),
          progress_(progress),
          cancel_(cancel) {}

    void copy(const PackRepair& plan, SoundPlaces& sound) {
        const auto pack = repository_.openPack(plan.pack);
        if (pack->directory().domain != keys_.domain.id) return;  // of another agent's domain
        for (const std::uint32_t number : plan.salvage) {
            cancel_.check();
            copyBlock(*pack, plan.pack, number, sound);
        }
    }

    /// Finishes the last pack; gives all of them.
    std::vector<PackId> finish() {
        close();
        return std::move(written_);
    }
    std::uint64_t chunks() const { return chunks_; }

  private:
    void copyBlock(const OpenPack& pack, const PackId& id, std::uint32_t number,
                   const SoundPlaces& sound) {
        const BlockPlace& place = pack.directory().blocks[number];
        Bytes sealed(place.sealedLength);
        repository_.store().read(packName(id), place.offset, sealed);
        const Bytes raw = openBlock(pack.access(number), place, sealed, decompressor_);
        const auto places = repository_.index().find(idsOf(place));
        BlockContent content;
        content.kind = place.kind;
        Bytes kept;
        std::size_t offset = 0;
        for (std::size_t i = 0; i < place.chunks.size(); ++i) {
            const ChunkPlace& chunk = place.chunks[i];
            if (!sound.anyInSoundPack(places[i])) {
                append(kept, ByteView(raw).subspan(offset, chunk.length));
                content.chunks.push_back(chunk);
            }
            offset += chunk.length;
        }
        if (content.chunks.empty()) return;
        content.rawLength = static_cast<std::uint32_t>(kept.size());
        chunks_ += content.chunks.size();
        progress_.bytes += kept.size();
        writer().add(std::move(content), compressor_.compress(kept));
        if (writer_->full()) close();
    }

    PackWriter& writer() {
        if (!writer_) {
            auto upload = session_.openPack();
            written_.push_back(upload->id());
            writer_.emplace(keys_, std::move(upload));
        }
        return *writer_;
    }
    void close() {
        if (writer_) writer_->finish();
        writer_.reset();
    }

    Repository& repository_;
    const AgentKeys keys_;
    WriteSession session_;
    RunProgress& progress_;
    const CancelToken& cancel_;
    Decompressor decompressor_;
    Compressor compressor_{compressionLevel};
    std::optional<PackWriter> writer_;
    std::vector<PackId> written_;
    std::uint64_t chunks_ = 0;
};

// What was written counts only when it can be read.
void prove(Repository& repository, const std::vector<PackId>& packs, const CancelToken& cancel) {
    std::vector<ManifestPayload> states;
    for (const PackId& pack : packs) {
        const PackVerdict verdict = judgePack(repository, repository.ledger().pack(pack).value(),
                                              [&](std::uint64_t) { cancel.check(); });
        states.push_back(PackStateRecord{pack, verdict.state});
    }
    if (!states.empty()) repository.record(states);
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
    const SoundPlaces sound = soundPacks(repository);
    for (const PackId& pack : repository.ledger().packsIn(PackState::suspect)) {
        plan.packs.push_back(planOf(repository, pack, sound, cancel));
    }
    if (plan.packs.empty()) return plan;
    plan.damage = searchKnownDamage(repository, cancel);
    // What no snapshot misses is needed by nobody.
    for (PackRepair& pack : plan.packs) {
        pack.condemn = plan.damage.empty() || (pack.readable && pack.lostChunks == 0);
    }
    return plan;
}

RepairResult runRepair(Repository& repository, const AgentIdentity& agent, const RepairPlan& plan,
                       RunProgress& progress, const CancelToken& cancel) {
    RepairResult result;
    for (const PackRepair& pack : plan.packs) progress.totalBytes += pack.salvageBytes;
    SoundPlaces sound = soundPacks(repository);
    Salvage salvage(repository, agent, progress, cancel);
    for (const PackRepair& pack : plan.packs) {
        if (!pack.salvage.empty()) salvage.copy(pack, sound);
    }
    result.written = salvage.finish();
    result.chunks = salvage.chunks();
    prove(repository, result.written, cancel);
    sound = soundPacks(repository);
    std::vector<ManifestPayload> states;
    for (const PackRepair& pack : plan.packs) {
        if (!pack.condemn || !allElsewhere(repository, pack, sound)) continue;
        states.push_back(PackStateRecord{pack.pack, PackState::condemned});
        result.condemned.push_back(pack.pack);
    }
    if (!states.empty()) repository.record(states);
    return result;
}

}  // namespace coffer
