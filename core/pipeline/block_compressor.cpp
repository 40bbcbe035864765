#include "core/pipeline/block_compressor.h"

namespace coffer {

Compressor::Packed BlockCompressor::compress(ChunkKind kind, ByteView data) {
    if (kind != ChunkKind::data || level_ >= thoroughLevel) return usual_.compress(data);
    if (shrinksLittle_ && !thorough_) thorough_.emplace(thoroughLevel);
    const Compressor::Packed packed = (shrinksLittle_ ? *thorough_ : usual_).compress(data);
    shrinksLittle_ = packed.data.size() > data.size() / 3;
    return packed;
}

}  // namespace coffer
