#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/repository/proof_table.h"
#include "management_server/events/event_recorder.h"
#include "management_server/repositories/server_repositories.h"

namespace coffer {

/// What is known against a repository.
struct RepositoryDamage {
    std::map<std::string, SnapshotDamage> snapshots;  // by their ids in hexadecimal
    std::string problem;                              // why it cannot be opened; empty: it can

    bool operator==(const RepositoryDamage&) const = default;
};

/// By name. One at which nobody could look yet is not in it.
using DamageByRepository = std::map<std::string, RepositoryDamage>;

/// Looks again and again for what verifications, rehearsals and copies have found damaged. Safe
/// to share between threads.
class DamageWatch {
  public:
    /// All outlive it.
    DamageWatch(ServerRepositories& repositories, const EventRecorder& events, const Clock& clock)
        : repositories_(repositories), events_(events), clock_(clock) {}

    /// Looks when something has happened or a minute has passed, unless another thread is at it.
    /// True when what is known has changed. What is known of a repository that cannot be opened
    /// stays. Waits for one that is being opened.
    bool lookIfDue();

    /// As of the last look.
    std::shared_ptr<const DamageByRepository> known() const;

  private:
    bool look();

    ServerRepositories& repositories_;
    const EventRecorder& events_;
    const Clock& clock_;
    std::mutex turn_;         // of the two below
    std::uint64_t seen_ = 0;  // number of the last event before the last look
    std::int64_t lookedAt_ = 0;
    Guarded<std::shared_ptr<const DamageByRepository>> known_{
        std::make_shared<const DamageByRepository>()};
};

}  // namespace coffer
