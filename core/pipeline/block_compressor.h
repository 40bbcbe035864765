#pragma once

#include <optional>

#include "core/chunk/chunk_id.h"
#include "core/codec/compression.h"

namespace coffer {

/// Compresses the blocks of a backup, harder where the blocks before have shrunk little: there
/// level 3 of zstd saves three octets of a hundred, and time counts less, for what shrinks little
/// is mostly in large files, which cost little else. Used by one thread.
class BlockCompressor {
  public:
    /// `level` as zstd counts.
    explicit BlockCompressor(int level) : level_(level), usual_(level) {}

    /// As Compressor::compress.
    Compressor::Packed compress(ChunkKind kind, ByteView data);

  private:
    static constexpr int thoroughLevel = 3;

    const int level_;
    Compressor usual_;
    std::optional<Compressor> thorough_;
    bool shrinksLittle_ = false;  // the last block of data did
};

}  // namespace coffer
