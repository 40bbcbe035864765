#include "core/codec/tuned_compressor.h"

#include "core/base/error.h"
#include "core/codec/zstd_packing.h"

namespace coffer {

void TunedCompressor::Deleter::operator()(void* context) const {
    ZSTD_freeCCtx(static_cast<ZSTD_CCtx*>(context));
}

TunedCompressor::TunedCompressor(int level, const MatchTables& tables)
    : context_(ZSTD_createCCtx()) {
    const auto set = [this](ZSTD_cParameter parameter, int value) {
        auto* context = static_cast<ZSTD_CCtx*>(context_.get());
        if (!context || ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, value))) {
            throw Error(ErrorCode::internal, "zstd does not start");
        }
    };
    set(ZSTD_c_compressionLevel, level);
    set(ZSTD_c_hashLog, tables.longLog);
    set(ZSTD_c_chainLog, tables.shortLog);
}

Compressor::Packed TunedCompressor::compress(ByteView data) {
    return packInto(room_, static_cast<ZSTD_CCtx*>(context_.get()), data);
}

}  // namespace coffer
