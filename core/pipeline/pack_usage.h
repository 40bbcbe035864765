#pragma once

#include <vector>

#include "core/pipeline/chunk_bits.h"
#include "core/repository/repository.h"

namespace coffer {

/// How much of a pack is needed.
struct PackUsage {
    PackId pack;
    std::uint64_t size = 0;       // octets of the pack
    std::uint64_t dead = 0;       // of these, an estimate by the raw lengths in each block
    std::uint64_t neededRaw = 0;  // octets of needed chunks
    bool unneededLists = false;   // holds a list that is not needed

    unsigned deadPercent() const {
        return size == 0 ? 0 : static_cast<unsigned>(dead * 100 / size);
    }
};

/// Reads the pack's directory. `info` is the pack that has `number` in `bits`.
PackUsage usageOf(Repository& repository, const PackInfo& info, const ChunkBits& bits,
                  ChunkBits::PackNumber number);

}  // namespace coffer
