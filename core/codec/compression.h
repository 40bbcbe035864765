#pragma once

#include <memory>
#include <optional>

#include "core/base/bytes.h"

namespace coffer {

/// How the octets of a block are packed. The numbers stand in the pack format.
enum class Codec : std::uint8_t { plain = 0, zstd = 1 };

/// How many positions zstd remembers to find matches, as binary logarithms: of long matches and of
/// short ones, at the levels that look for both.
struct MatchTables {
    int longLog;
    int shortLog;
};

/// Compresses with zstd (RFC 8878). Used by one thread; keeps its working memory.
class Compressor {
  public:
    /// `level` as zstd counts: 1 is fast, 19 is small. `tables`: of other sizes than the level has.
    explicit Compressor(int level, const std::optional<MatchTables>& tables = {});

    /// The smaller of compressed and plain form, and which it is; valid until the next call and as
    /// long as `data`.
    struct Packed {
        Codec codec;
        ByteView data;
    };
    Packed compress(ByteView data);

  private:
    struct Deleter {
        void operator()(void* context) const;
    };
    std::unique_ptr<void, Deleter> context_;
    Bytes room_;  // grows to the largest need and stays
};

/// Used by one thread; keeps its working memory.
class Decompressor {
  public:
    Decompressor();

    /// Gives exactly `rawSize` octets, or throws Error(corrupt): a lying or bomb-like input can
    /// never make it allocate more. `rawSize` has been bounded by the caller.
    Bytes decompress(Codec codec, Bytes data, std::size_t rawSize);

    /// The same in room that is kept: valid until the next call and as long as `data`.
    ByteView decompressHere(Codec codec, ByteView data, std::size_t rawSize);

  private:
    struct Deleter {
        void operator()(void* context) const;
    };
    std::unique_ptr<void, Deleter> context_;
    Bytes room_;  // grows to the largest need and stays
};

}  // namespace coffer
