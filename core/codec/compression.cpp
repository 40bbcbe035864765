#include "core/codec/compression.h"

#include <zstd.h>

#include "core/base/error.h"

namespace coffer {

namespace {
ZSTD_CCtx* compressing(void* pointer) {
    return static_cast<ZSTD_CCtx*>(pointer);
}
ZSTD_DCtx* decompressing(void* pointer) {
    return static_cast<ZSTD_DCtx*>(pointer);
}
}  // namespace

void Compressor::Deleter::operator()(void* context) const {
    ZSTD_freeCCtx(compressing(context));
}
void Decompressor::Deleter::operator()(void* context) const {
    ZSTD_freeDCtx(decompressing(context));
}

Compressor::Compressor(int level, const std::optional<MatchTables>& tables)
    : context_(ZSTD_createCCtx()) {
    const auto set = [this](ZSTD_cParameter parameter, int value) {
        ZSTD_CCtx* context = compressing(context_.get());
        if (!context || ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, value))) {
            throw Error(ErrorCode::internal, "zstd does not start");
        }
    };
    set(ZSTD_c_compressionLevel, level);
    if (!tables) return;
    set(ZSTD_c_hashLog, tables->longLog);
    set(ZSTD_c_chainLog, tables->shortLog);
}

Compressor::Packed Compressor::compress(ByteView data) {
    const std::size_t bound = ZSTD_compressBound(data.size());
    if (room_.size() < bound) room_.resize(bound);
    const std::size_t size = ZSTD_compress2(compressing(context_.get()), room_.data(), room_.size(),
                                            data.data(), data.size());
    if (ZSTD_isError(size)) {
        throw Error(ErrorCode::internal, std::string("zstd: ") + ZSTD_getErrorName(size));
    }
    if (size < data.size()) return {Codec::zstd, ByteView(room_).first(size)};
    return {Codec::plain, data};
}

Decompressor::Decompressor() : context_(ZSTD_createDCtx()) {
    if (!context_) throw Error(ErrorCode::internal, "zstd does not start");
}

namespace {

void checkStored(Codec codec, std::size_t size, std::size_t rawSize) {
    if (codec == Codec::zstd) return;
    if (codec != Codec::plain) throw Error(ErrorCode::unsupported, "unknown compression");
    if (size != rawSize) throw Error(ErrorCode::corrupt, "stored length is wrong");
}

void decompressInto(ZSTD_DCtx* context, ByteView data, std::span<std::uint8_t> raw) {
    const std::size_t size =
        ZSTD_decompressDCtx(context, raw.data(), raw.size(), data.data(), data.size());
    if (ZSTD_isError(size) || size != raw.size()) {
        throw Error(ErrorCode::corrupt, "compressed data does not give the length it claims");
    }
}

}  // namespace

Bytes Decompressor::decompress(Codec codec, Bytes data, std::size_t rawSize) {
    checkStored(codec, data.size(), rawSize);
    if (codec == Codec::plain) return data;
    Bytes raw(rawSize);
    decompressInto(decompressing(context_.get()), data, raw);
    return raw;
}

ByteView Decompressor::decompressHere(Codec codec, ByteView data, std::size_t rawSize) {
    checkStored(codec, data.size(), rawSize);
    if (codec == Codec::plain) return data;
    if (room_.size() < rawSize) room_.resize(rawSize);
    const std::span<std::uint8_t> raw = std::span(room_).first(rawSize);
    decompressInto(decompressing(context_.get()), data, raw);
    return raw;
}

}  // namespace coffer
