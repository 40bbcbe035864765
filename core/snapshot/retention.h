#pragma once

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/repository/ids.h"
#include "core/snapshot/retention_period.h"
#include "core/snapshot/retention_rules.h"

namespace coffer {

/// What is backed up again and again: rules count the snapshots of each source for themselves.
struct SourceKey {
    AgentId agent;
    std::vector<std::string> paths;  // sorted, each once

    auto operator<=>(const SourceKey&) const = default;

    /// Of paths in any order.
    static SourceKey of(const AgentId& agent, std::vector<std::string> paths);
};

/// A snapshot as far as the rules look at it.
struct RetentionCandidate {
    SnapshotId id;
    SourceKey source;
    Timestamp committed;
    std::vector<std::string> tags;
    std::optional<Timestamp> lockedUntil;
    bool verified = false;  // all of it was read and checked, or restored in a rehearsal
    bool damaged = false;   // some of it cannot be read
    bool hidden = false;    // a checkpoint
    bool undated = false;   // nobody knows when: the clock was behind the times of the manifest
};

/// How the backups of a source went lately.
struct SourceRuns {
    SourceKey source;
    std::optional<Timestamp> lastSuccess;  // also with warnings
    std::optional<Timestamp> lastFailure;  // not those that somebody cancelled
};

/// Why a snapshot stays.
enum class KeepReason {
    last,
    hourly,
    daily,
    weekly,
    monthly,
    yearly,
    within,
    tag,
    locked,
    verified,    // one of the last that were verified
    newest,      // a source never loses its newest sound snapshot
    undated,     // a rule of time is set, and its own time is not known
    failing,     // would go, if the source's backups did not fail
    checkpoint,  // hidden: no affair of the rules
};

/// Stable lower-case word, e.g. "daily".
std::string_view nameOf(KeepReason reason);

struct RetentionReason {
    KeepReason kind;
    std::string detail;  // "2026-11-25, 3 of 7", "release", "until 2027-01-01T00:00:00Z"

    bool operator==(const RetentionReason&) const = default;

    /// "daily (2026-11-25, 3 of 7)"
    std::string text() const;
};

struct RetentionVerdict {
    SnapshotId id;
    std::vector<RetentionReason> reasons;  // all of them; none: it is to be forgotten

    bool keep() const { return !reasons.empty(); }
};

struct RetentionGroup {
    SourceKey source;
    std::vector<RetentionVerdict> verdicts;  // newest first
};

/// Applies rules to snapshots that are not forgotten yet: a pure function, whose result does not
/// depend on the order of its lists (but for snapshots of the same time, of which the one further
/// behind is newer). A source that `runs` does not name has no failures. Groups come in the order
/// of their keys. What each rule means: docs/retention.md.
/// Throws Error(invalidArgument) when no rule is set.
std::vector<RetentionGroup> applyRetention(const RetentionRules& rules,
                                           std::span<const RetentionCandidate> snapshots,
                                           std::span<const SourceRuns> runs, Timestamp now,
                                           const ZoneOffset& zone);

}  // namespace coffer
