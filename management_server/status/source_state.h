#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/repository/proof_table.h"

namespace coffer {

/// How well a source is protected, the best first; of several the worst counts.
enum class SourceState {
    safe,        // "protected": a good backup lately, and proven
    unproven,    // nobody has tried for long whether it can be restored, or that is in doubt
    late,        // the last good backup is too old
    failing,     // the last backup failed or turned out damaged, or its repository cannot be opened
    unprotected  // there is no good backup
};
std::string_view nameOf(SourceState state);

/// Inverse of nameOf. Throws Error(corrupt): only the database says such names.
SourceState sourceStateOf(std::string_view name);

/// What a source is: paths that an agent backs up together, and where to. An agent of which nothing
/// is backed up counts as one without paths and repository.
struct SourceName {
    std::string agent;
    std::string repository;
    std::vector<std::string> paths;  // octets; sorted, each once

    auto operator<=>(const SourceName&) const = default;

    /// Of paths in any order.
    static SourceName of(std::string agent, std::string repository, std::vector<std::string> paths);

    /// 16 digits by which programs name it: of a hash, so the same for ever.
    std::string id() const;

    /// "laptop:/home, /etc", one line for people, printable and of 200 octets or so.
    std::string shown() const;
};

/// What is known of a source. Runs are compared by number, which no clock can put out of order.
struct SourceFacts {
    SourceName name;
    std::optional<Timestamp> firstSuccess;
    std::optional<Timestamp> lastSuccess;  // also with warnings
    std::int64_t successRun = 0;
    std::optional<Timestamp> lastFailure;
    std::int64_t failureRun = 0;
    std::string failure;  // why
    std::optional<Timestamp> lastProven;
    std::optional<SnapshotDamage> damage;  // of the snapshot that the last good backup made
    std::string repositoryProblem;         // why it cannot be opened; empty: it can
    bool agentAway = false;
    std::optional<std::int64_t> warnAfterSeconds;  // of its task
    std::optional<Timestamp> goesAt;               // its repository is removed until then
};

/// From when on a source is late or unproven.
struct StatusRules {
    std::int64_t warnAfterSeconds = 48 * 3'600;
    std::int64_t proveWithinSeconds = 90 * 86'400;  // 0: proofs are not asked for
};

struct SourceVerdict {
    SourceState state = SourceState::safe;
    std::string cause;   // one line for people
    std::string action;  // what to do next; empty when there is nothing to do
};

/// A pure function. A good backup or a proof that is dated more than an hour ahead of `now` does
/// not count: the clock was wrong once.
SourceVerdict judge(const SourceFacts& facts, const StatusRules& rules, Timestamp now);

/// Somebody knows of it: until then a state up to this one counts as if it were protected.
struct Acknowledgement {
    SourceState state = SourceState::safe;
    std::string reason;
    std::string user;
    Timestamp made;
    Timestamp until;

    bool covers(SourceState now, Timestamp time) const { return now <= state && time < until; }
};

/// "5 min", "3 h", "12 days": of seconds, rounded down; less than a minute is "a moment".
std::string spanText(std::int64_t seconds);

}  // namespace coffer
