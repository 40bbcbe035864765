#pragma once

#include <zstd.h>

#include "core/codec/compression.h"

namespace coffer {

/// The smaller of compressed and plain form of `data`; the compressed one stands in `room`, which
/// grows as needed.
Compressor::Packed packInto(Bytes& room, ZSTD_CCtx* context, ByteView data);

}  // namespace coffer
