#pragma once

#include <cstdint>
#include <vector>

#include "core/rpc/convert.h"
#include "idl/agent.hh"

namespace coffer {

// What an agent says, bounded before anybody else hears it. Texts and lists that are too long are
// cut; what makes no sense throws Error(invalidArgument), absurd counts (limitExceeded).

/// At most 64 facts of 8 KiB together, names of 64 octets, values of 1,024.
rpc::SettingMap boundedFacts(const Coffer::Settings& facts);

/// At most 1,000 runs at a time, each with 64 counts.
Coffer::RunProgressList boundedProgress(const Coffer::RunProgressList& news);

/// At most 100,000 numbers, each positive.
std::vector<std::int64_t> boundedRuns(const Coffer::Strings& numbers);

/// At most 2,000 problems, with what hooks printed, of 4 MiB together; the outcome is one that is
/// known, the snapshot an id.
Coffer::RunResult boundedResult(const Coffer::RunResult& result);

}  // namespace coffer
