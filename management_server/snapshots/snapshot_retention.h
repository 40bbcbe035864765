#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/base/calendar.h"
#include "core/base/cancel.h"
#include "core/rpc/store/repository_provider.h"
#include "core/snapshot/retention.h"
#include "management_server/snapshots/snapshot_shelf.h"

namespace coffer {

/// Forgets snapshots, one by one or by rules, with a grace period (docs/retention.md). Safe to
/// share between threads.
class SnapshotRetention {
  public:
    /// How the backups to a repository went, source by source.
    using Histories = std::function<std::vector<SourceRuns>(const std::string& repository)>;

    struct Parts {
        rpc::RepositoryProvider& repositories;
        SnapshotShelf& shelf;
        const Clock& clock;
        Histories histories = {};       // may be empty: nothing is known of runs
        std::int64_t graceSeconds = 0;  // 0: forgotten for good at once
        ZoneOffset zone = localOffset;
    };

    /// All parts outlive it.
    explicit SnapshotRetention(Parts parts) : parts_(std::move(parts)) {}

    /// What the rules would do. Snapshots that cannot be read stay and are not named: nobody knows
    /// what they are of. Throws what applyRetention throws.
    std::vector<RetentionGroup> preview(const std::string& repository,
                                        const RetentionRules& rules) const;

    /// Does it, and tells what it has done.
    std::vector<RetentionGroup> apply(const std::string& repository,
                                      const RetentionRules& rules) const;

    /// The same for one source alone; the others are not even looked at.
    RetentionGroup preview(const std::string& repository, const RetentionRules& rules,
                           const SourceKey& source,
                           const CancelToken& cancel = CancelToken()) const;
    RetentionGroup apply(const std::string& repository, const RetentionRules& rules,
                         const SourceKey& source, const CancelToken& cancel = CancelToken()) const;

    /// Forgets these after the grace period. Throws what Repository::trash throws.
    void forget(Repository& repository, std::span<const SnapshotId> snapshots) const;

    /// Forgets for good what is due. Gives what that was.
    std::vector<SnapshotId> emptyTrash(const std::string& repository) const;

  private:
    std::vector<RetentionGroup> decide(const std::string& repository, const RetentionRules& rules,
                                       const SourceKey* source, const CancelToken& cancel) const;
    void forgetIn(const std::string& repository, std::span<const RetentionGroup> groups) const;

    const Parts parts_;
};

/// How many of the snapshots are to go.
std::uint64_t countForgotten(std::span<const RetentionGroup> groups);

}  // namespace coffer
