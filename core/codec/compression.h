#pragma once

#include <memory>

#include "core/base/bytes.h"

namespace coffer {

/// How the octets of a block are packed. The numbers stand in the pack format.
enum class Codec : std::uint8_t { plain = 0, zstd = 1 };

/// Compresses with zstd (RFC 8878). Used by one thread; keeps its working memory.
class Compressor {
  public:
    /// `level` as zstd counts: 1 is fast, 19 is small.
    explicit Compressor(int level);

    /// Puts the smaller of compressed and plain form into `out` (replacing what is there) and says
    /// which it is.
    Codec compress(ByteView data, Bytes& out);

  private:
    struct Deleter {
        void operator()(void* context) const;
    };
    std::unique_ptr<void, Deleter> context_;
};

/// Used by one thread; keeps its working memory.
class Decompressor {
  public:
    Decompressor();

    /// Gives exactly `rawSize` octets, or throws Error(corrupt): a lying or bomb-like input can
    /// never make it allocate more. `rawSize` has been bounded by the caller.
    Bytes decompress(Codec codec, Bytes data, std::size_t rawSize);

  private:
    struct Deleter {
        void operator()(void* context) const;
    };
    std::unique_ptr<void, Deleter> context_;
};

}  // namespace coffer
