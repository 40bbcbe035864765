#include "core/pipeline/block_compressor.h"

namespace coffer {

namespace {

// 128 and 32 KiB, which leave room in a core's cache for what is read beside them
// (docs/performance.md, large binaries).
constexpr MatchTables tablesForLarge{.longLog = 15, .shortLog = 13};

}  // namespace

Compressor::Packed BlockCompressor::compress(ChunkKind kind, ByteView data) {
    if (kind != ChunkKind::data || level_ >= thoroughLevel) return usual_.compress(data);
    if (data.size() >= largeBlock) {
        if (!large_) large_.emplace(thoroughLevel, tablesForLarge);
        return large_->compress(data);
    }
    if (shrinksLittle_ && !thorough_) thorough_.emplace(thoroughLevel);
    const Compressor::Packed packed = (shrinksLittle_ ? *thorough_ : usual_).compress(data);
    shrinksLittle_ = packed.data.size() > data.size() / 3;
    return packed;
}

}  // namespace coffer
