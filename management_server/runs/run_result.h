#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "idl/agent.hh"
#include "management_server/runs/run_record.h"

namespace coffer {

/// A result as an agent hands it over, cut to what is kept.
struct RunResultRecord {
    std::int64_t run = 0;
    std::uint32_t attempt = 0;
    RunOutcome outcome = RunOutcome::failed;
    std::string message;
    std::string snapshot;  // 32 digits, or empty
    RunTexts counts;
    std::vector<RunProblemRecord> remarks;  // for the log alone: what hooks did and printed
    std::vector<RunProblemRecord> problems;
    std::uint64_t problemCount = 0;  // also those that are not in the list
    bool isUnverified = false;  // of a backup: not all that its snapshot counts on was verified
};

/// Throws Error(invalidArgument) for an outcome or a snapshot that is none. Problems after the
/// first 1,000, or after 4 MiB of them, are counted and left out; so are remarks, uncounted.
RunResultRecord readResult(const Coffer::RunResult& result);

/// Counts of a message, what does not make sense left out.
RunTexts readCounts(const Coffer::Settings& counts);

/// The longest message of a run that is kept, in octets.
constexpr std::size_t longestRunMessage = 2'000;

}  // namespace coffer
