#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "core/repository/ids.h"
#include "core/repository/server_state.h"

namespace coffer {

/// Everything a worker needs for one run; comes to its standard input as one line, so nothing
/// secret stands on a command line or in a file.
struct WorkerOrder {
    std::int64_t run = 0;
    std::uint32_t attempt = 0;
    std::string kind;              // "backup", "restore"
    std::string store;             // "host:port"
    std::string authorityFile;     // PEM
    std::string identityFile;      // PEM, readable by the worker
    Bytes token;                   // for the store, a secret
    AgentIdentity agent;           // signs packs and snapshots, a secret
    std::string cacheFolder;       // journals
    std::vector<std::string> own;  // places of the agent: not backed up, never restored over
    std::string host;
    std::vector<std::string> what;
    std::string target;
    std::vector<std::string> patterns;
    std::map<std::string, std::string> options;  // docs/protocol.md, "Orders"

    /// One line of JSON with its line end; octets, paths among them, as hexadecimal. A secret.
    std::string encode() const;

    /// The line may still have its end. Throws Error(invalidArgument), also for one that is longer
    /// than any order.
    static WorkerOrder decode(std::string_view line);
};

using RunCounts = std::map<std::string, std::uint64_t>;

// What a worker writes to its standard output, a line each.
struct WorkerProgress {
    std::string phase;
    RunCounts counts;
};
struct WorkerProblem {
    std::string path;  // octets
    std::string code;
    std::string message;
};
struct WorkerResult {
    std::string outcome;  // as RunResult of agent.idl
    std::string message;
    std::string snapshot;
    RunCounts counts;
};
using WorkerReport = std::variant<WorkerProgress, WorkerProblem, WorkerResult>;

/// A line of JSON with its line end. Text that is not UTF-8 is mended.
std::string encodeReport(const WorkerReport& report);

/// Inverse of encodeReport; whoever wrote the line is not trusted. Throws Error(invalidArgument).
WorkerReport decodeReport(std::string_view line);

/// What the daemon writes to a worker after the order: this line asks it to stop. When its standard
/// input ends, the daemon is gone and the worker stops as "interrupted".
constexpr const char* cancelLine = "cancel\n";

}  // namespace coffer
