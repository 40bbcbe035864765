#pragma once

#include <optional>

#include "core/chunk/chunk_id.h"
#include "core/codec/compression.h"

namespace coffer {

/// Compresses the blocks of a backup. Where the small blocks before have shrunk little, harder:
/// there level 3 of zstd saves three octets of a hundred. Large blocks at level 3 too, but with
/// smaller tables, which takes a third less time: they find most of it all the same. Used by one
/// thread.
class BlockCompressor {
  public:
    /// `level` as zstd counts.
    explicit BlockCompressor(int level) : level_(level), usual_(level) {}

    /// As Compressor::compress.
    Compressor::Packed compress(ChunkKind kind, ByteView data);

  private:
    static constexpr int thoroughLevel = 3;
    static constexpr std::size_t largeBlock = 1U << 20;  // octets

    const int level_;
    Compressor usual_;
    std::optional<Compressor> thorough_;
    std::optional<Compressor> large_;
    bool shrinksLittle_ = false;  // the last small block of data did
};

}  // namespace coffer
