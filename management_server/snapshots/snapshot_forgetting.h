#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/rpc/store/repository_provider.h"
#include "management_server/access/confirmations.h"
#include "management_server/events/event_sink.h"
#include "management_server/snapshots/snapshot_retention.h"

namespace coffer {

/// Rules of a retention as they were given, name and value.
using GivenRules = std::vector<std::pair<std::string, std::string>>;

/// Throws Error(invalidArgument).
RetentionRules toRules(const GivenRules& given);

/// Forgets snapshots for a user and tells of it; where a second person is needed, when that one
/// has confirmed it. Safe to share between threads.
class SnapshotForgetting {
  public:
    struct Parts {
        rpc::RepositoryProvider& repositories;
        const SnapshotRetention& retention;
        EventSink& events;
        Confirmations* confirmations = nullptr;  // none: nobody is asked
    };

    /// All parts outlive it. Tells the confirmations how to carry out what it asks for.
    explicit SnapshotForgetting(Parts parts);

    // Each throws Error(conflict) when a second person has to confirm it first.
    void forget(const std::string& user, const std::string& repository, const SnapshotId& snapshot);
    void forgetForGood(const std::string& user, const std::string& repository,
                       const SnapshotId& snapshot);
    std::vector<RetentionGroup> apply(const std::string& user, const std::string& repository,
                                      const GivenRules& rules);

    void tell(const std::string& user, const char* kind, const std::string& repository,
              const SnapshotId& snapshot, const std::string& what);

  private:
    void require(const std::string& user, const std::string& action, const std::string& subject,
                 const std::map<std::string, std::string>& parameters);
    void forgetNow(const std::string& user, const std::string& repository,
                   const SnapshotId& snapshot);
    void forgetForGoodNow(const std::string& user, const std::string& repository,
                          const SnapshotId& snapshot);
    std::vector<RetentionGroup> applyNow(const std::string& user, const std::string& repository,
                                         const GivenRules& rules);

    const Parts parts_;
};

}  // namespace coffer
