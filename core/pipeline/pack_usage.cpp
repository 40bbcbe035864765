#include "core/pipeline/pack_usage.h"

namespace coffer {

PackUsage usageOf(Repository& repository, const PackInfo& info, const ChunkBits& bits,
                  ChunkBits::PackNumber number) {
    PackUsage usage;
    usage.pack = info.registration.pack;
    usage.size = info.registration.size;
    if (bits.packs()[number].needed == 0) {
        usage.dead = usage.size;
        return usage;
    }
    const auto opened = repository.openPack(usage.pack);
    const auto& blocks = opened->directory().blocks;
    for (std::uint32_t block = 0; block < blocks.size(); ++block) {
        std::uint64_t unneeded = 0;
        const auto& chunks = blocks[block].chunks;
        for (std::uint32_t slot = 0; slot < chunks.size(); ++slot) {
            if (bits.isNeeded(number, block, slot)) continue;
            unneeded += chunks[slot].length;
            if (blocks[block].kind == ChunkKind::list) usage.unneededLists = true;
        }
        usage.neededRaw += blocks[block].rawLength - unneeded;
        if (blocks[block].rawLength == 0) continue;
        usage.dead += blocks[block].sealedLength * unneeded / blocks[block].rawLength;
    }
    return usage;
}

}  // namespace coffer
