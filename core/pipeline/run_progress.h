#pragma once

#include <atomic>
#include <cstdint>

namespace coffer {

/// How far a run is; written by its threads, read by whoever shows it. Safe to share.
struct RunProgress {
    std::atomic<std::uint64_t> files{0};  // done
    std::atomic<std::uint64_t> folders{0};
    std::atomic<std::uint64_t> others{0};
    std::atomic<std::uint64_t> bytes{0};  // sizes of the files done
    std::atomic<std::uint64_t> readBytes{0};
    std::atomic<std::uint64_t> newBytes{0};
    std::atomic<std::uint64_t> storedBytes{0};
    std::atomic<std::uint64_t> changedFiles{0};
    std::atomic<std::uint64_t> keptItems{0};   // of a restore: what its target had already
    std::atomic<std::uint64_t> totalBytes{0};  // 0 while unknown
    std::atomic<std::uint64_t> totalItems{0};  // 0 while unknown
};

}  // namespace coffer
