#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "management_server/database/server_database.h"
#include "management_server/events/event_recorder.h"
#include "management_server/status/component_status.h"
#include "management_server/status/damage_watch.h"
#include "management_server/status/file_system_coverage.h"
#include "management_server/status/source_table.h"

namespace coffer {

/// A source with what is said of it.
struct SourceStatus {
    std::string id;
    SourceFacts facts;
    SourceVerdict verdict;
    std::string component;
    std::optional<Timestamp> since;             // when it got into that state, if that was noticed
    bool looked = false;                        // at its repository, for damage
    std::optional<Acknowledgement> known;       // one that covers its state now
    SourceState announced = SourceState::safe;  // what the events say of it

    /// Its state for all that sums up: what somebody knows of counts as all right.
    SourceState counted() const { return known ? SourceState::safe : verdict.state; }
};

struct UncoveredFileSystem {
    std::string agent;
    AgentFileSystem what;
};

/// How the whole network stands at a moment. Immutable, safe to share.
struct StatusReport {
    Timestamp time;
    std::vector<SourceStatus> sources;  // the worst first
    ComponentRollUp components;
    std::vector<UncoveredFileSystem> uncovered;  // by agent and mount point

    SourceState state() const { return components.whole().worst; }
};

/// Keeps how well each source is protected: learns from runs as they end, judges again and again,
/// and announces what has changed as events source-late, source-failing, source-unproven,
/// source-unprotected and source-recovered. Safe to share between threads.
class StatusKeeper {
  public:
    struct Agent {
        std::string name;
        bool attached = false;
        std::map<std::string, std::string> facts;
    };
    /// What a task says of a source; one that was never backed up is shown, too.
    struct Plan {
        std::string component;  // empty: the agent's name
        std::optional<std::int64_t> warnAfterSeconds;
    };
    struct Parts {
        ServerDatabase& database;
        EventRecorder& events;
        const Clock& clock;
        StatusRules rules;
        std::function<std::vector<Agent>()> agents;               // that are not revoked
        std::function<std::map<SourceName, Timestamp>()> proofs;  // when it was last rehearsed
        std::function<std::map<SourceName, Plan>()> plans = [] {
            return std::map<SourceName, Plan>();
        };
        /// What is known against snapshots, by repository; it may lack those nobody could look at.
        std::function<std::shared_ptr<const DamageByRepository>()> damage;
        /// Before that: brings it up to date, and gives whether it has changed. May wait.
        std::function<bool()> lookForDamage = [] { return false; };
        /// Repositories that are removed, and until when.
        std::function<std::map<std::string, Timestamp>()> removed = [] {
            return std::map<std::string, Timestamp>();
        };
    };

    /// Learns from all runs there are. References outlive it.
    explicit StatusKeeper(Parts parts);

    /// Looks at what has ended since, judges and announces.
    void refresh();

    /// The same, when something has happened or a minute has passed. For the housekeeping.
    void refreshIfDue();

    /// By these from the next refresh on.
    void setRules(const StatusRules& rules);

    /// As of the last refresh.
    std::shared_ptr<const StatusReport> report() const;

    /// The source is known to be as it is now, until then: up to 10 years ahead. Throws
    /// Error(notFound), (invalidArgument), (conflict) when it is protected.
    void acknowledge(const std::string& id, const std::string& reason, const std::string& user,
                     Timestamp until);

    /// Takes that back. Throws Error(notFound).
    void withdraw(const std::string& id);

    /// The source is not watched any more until it is backed up again. Throws Error(notFound).
    void drop(const std::string& id);

  private:
    StatusReport judgeAll(Timestamp now) const;
    void announce(const StatusReport& report);
    void tell(const SourceStatus& source);
    SourceStatus find(const std::string& id) const;

    const Parts parts_;
    Guarded<StatusRules> rules_;
    Guarded<std::uint64_t> seen_;  // number of the last event that was looked at; held by refresh
    mutable Guarded<std::shared_ptr<const StatusReport>> report_;
};

}  // namespace coffer
