#pragma once

#include <memory>

#include "core/codec/compression.h"

namespace coffer {

/// How many positions zstd remembers to find matches, as binary logarithms: of long matches and of
/// short ones, at the levels that look for both.
struct MatchTables {
    int longLog;
    int shortLog;
};

/// A Compressor with tables of other sizes than its level has. Used by one thread; keeps its
/// working memory.
class TunedCompressor {
  public:
    TunedCompressor(int level, const MatchTables& tables);

    /// As Compressor::compress.
    Compressor::Packed compress(ByteView data);

  private:
    struct Deleter {
        void operator()(void* context) const;
    };
    std::unique_ptr<void, Deleter> context_;
    Bytes room_;  // grows to the largest need and stays
};

}  // namespace coffer
