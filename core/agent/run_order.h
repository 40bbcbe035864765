#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/agent/worker_pipe.h"
#include "core/base/bytes.h"

namespace coffer {

class AllowList;
class Disk;

/// A run, as the server orders it (RunOrder of agent.idl).
struct RunOrder {
    std::int64_t run = 0;
    std::uint32_t attempt = 0;  // from 1
    std::string kind;           // "backup", "restore"
    std::string store;          // "host:port"
    Bytes token;                // a secret
    std::vector<std::string> what;
    std::string target;
    std::vector<std::string> patterns;
    std::map<std::string, std::string> options;
};

/// How far a run is (RunProgress of agent.idl).
struct RunNews {
    std::int64_t run = 0;
    std::uint32_t attempt = 0;
    std::string phase;
    RunCounts counts;
    bool operator==(const RunNews&) const = default;
};

// Codes of entries about hooks among the problems of a report: what a hook did or printed, which is
// no problem, and that it failed.
constexpr const char* hookCode = "hook";
constexpr const char* hookFailedCode = "hook-failed";

/// How a run ended (RunResult of agent.idl).
struct RunReport {
    std::int64_t run = 0;
    std::uint32_t attempt = 0;
    WorkerResult result;
    std::vector<WorkerProblem> problems;
};

/// The order as it may be carried out: the symbolic links in the path of a restore's target are
/// resolved, so that what was checked is what is written to. Throws Error(invalidArgument) for an
/// order that makes no sense, Error(unsupported) for a kind that this agent does not know, and
/// Error(permissionDenied) where the allow list forbids it.
RunOrder checkedOrder(RunOrder order, const AllowList& allowed, Disk& disk);

}  // namespace coffer
