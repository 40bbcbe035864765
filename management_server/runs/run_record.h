#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "management_server/runs/run_state.h"

namespace coffer {

using RunTexts = std::map<std::string, std::string>;

namespace run_kind {
inline constexpr const char* backup = "backup";
inline constexpr const char* restore = "restore";
inline constexpr const char* verify = "verify";
inline constexpr const char* rehearsal = "rehearsal";
inline constexpr const char* prune = "prune";
inline constexpr const char* repair = "repair";
inline constexpr const char* replicate = "replicate";
inline constexpr const char* copy = "copy";
inline constexpr const char* synchronise = "synchronise";
}  // namespace run_kind

/// Among the counts of a backup that has ended: nobody knows whether all of it is sound.
inline constexpr const char* unverifiedCount = "unverified";

/// Among the counts as they are told: when it committed, in seconds since 1970.
inline constexpr const char* committedCount = "committed";

/// Option of a copy: whose snapshots alone; of a rehearsal: whose it restores.
inline constexpr const char* onlyAgentOption = "only-agent";

/// Message of a run that waits for that.
inline constexpr const char* agentIsAway = "the agent is away";

/// A run as the book has it (RunInfo of management.idl). A value.
struct RunRecord {
    std::int64_t number = 0;
    std::string kind;
    std::string agent;       // empty when the server does it itself
    std::string repository;  // empty when it is about none
    RunStand stand;
    std::string phase;
    std::string message;  // why it waits or what ended it
    Timestamp ordered;
    std::optional<Timestamp> started;
    std::optional<Timestamp> ended;
    std::string user;
    std::string task;               // that started it; empty: a user did
    std::string snapshot;           // made, restored or rehearsed: 32 digits
    std::vector<std::string> what;  // absolute paths; of a synchronisation AGENT:/path
    std::string target;             // of a restore or a replica: absolute; of a copy a repository;
                                    // of a synchronisation AGENT:/path
    std::vector<std::string> patterns;
    RunTexts options;
    RunTexts counts;
    std::uint64_t problems = 0;          // also those that are not listed
    int priority = 0;                    // -100 to 100; higher ones begin first
    std::string window;                  // hours of the week in which it may be at work
    std::string zone;                    // of the window; empty: the server's
    std::optional<Timestamp> heldAt;     // since when it is held back, once it has begun
    std::int64_t heldSeconds = 0;        // for so long it did none before that
    std::optional<Timestamp> committed;  // of a backup: when it began to be verified
    std::uint64_t generation = 0;        // of its repository, before the first attempt of a backup

    /// Carried out by the server itself, not by an agent.
    bool isOfServer() const { return agent.empty(); }
};

/// Something about one entry that did not go as it should.
struct RunProblemRecord {
    std::string path;  // octets
    std::string code;
    std::string message;

    bool operator==(const RunProblemRecord&) const = default;
};

/// How the backups of one choice of paths of an agent ended, as far as the book goes back.
struct BackupHistory {
    std::string agent;
    std::vector<std::string> what;
    std::optional<Timestamp> lastSuccess;  // its commit; also with warnings
    std::optional<Timestamp> lastFailure;
};

/// The phase of a run that has been asked to stop, by which the book remembers that.
inline constexpr const char* cancellingPhase = "cancelling";

/// The phase of a run at work that has been asked to stop, for good or for a while ("parking");
/// nothing of any other.
std::string stoppingPhase(const RunStand& stand);

/// What is thrown for a number that no run has.
Error unknownRun(std::int64_t number);

/// "backup of /home on laptop-7 to main", one line for people.
std::string shownRun(const RunRecord& run);

}  // namespace coffer
