#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "management_server/runs/run_log_table.h"

namespace coffer {

/// What a repository keeps of a run that has ended (docs/formats/run.md).
struct KeptRun {
    Timestamp ordered;
    Timestamp ended;
    std::string summary;        // one line for people
    std::uint64_t leftOut = 0;  // entries before those that are here
    std::vector<RunLogEntry> entries{};
};

/// As many of the newest entries as fit; the others are counted as left out.
Bytes encodeKeptRun(const KeptRun& run);

/// Throws Error(corrupt). The entries get `number` as their run.
KeptRun decodeKeptRun(ByteView data, std::int64_t number);

}  // namespace coffer
