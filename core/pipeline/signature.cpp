#include "core/pipeline/signature.h"

namespace coffer {

namespace {

// Kernels stamp with the tick of the timer (10 ms at most); some file systems with whole seconds.
constexpr std::int64_t tick = 20'000'000;
constexpr std::int64_t coarseTick = 2'000'000'000;

}  // namespace

EntrySignature signatureOf(const Stat& stat, Timestamp lookedAt) {
    const bool coarse = stat.ctime.nanoseconds == 0;
    EntrySignature signature;
    signature.size = stat.size;
    signature.mtime = stat.mtime;
    signature.ctime = stat.ctime;
    signature.inode = stat.inode;
    signature.racy = stat.ctime > lookedAt - (coarse ? coarseTick : tick);
    return signature;
}

}  // namespace coffer
