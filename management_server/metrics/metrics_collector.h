#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/base/guarded.h"
#include "management_server/database/server_database.h"
#include "management_server/events/event_recorder.h"
#include "management_server/metrics/metrics_text.h"
#include "management_server/repositories/server_repositories.h"
#include "management_server/snapshots/snapshot_shelf.h"

namespace coffer {

/// Looks at the server's state from time to time and keeps the text that monitors get, so that a
/// scrape costs nothing and keeps nobody waiting. collect() is called by one thread at a time.
class MetricsCollector {
  public:
    struct Parts {
        ServerDatabase& database;
        EventRecorder& events;
        ServerRepositories& repositories;
        SnapshotShelf& shelf;
        const Clock& clock;
        std::string version;
        std::function<std::shared_ptr<const StatusReport>()> status;
        std::function<std::map<std::string, std::size_t>()> agents;  // how many, by state
    };

    /// References outlive it.
    explicit MetricsCollector(Parts parts);

    void collect();

    /// As of the last collect(); never null. Safe to share between threads.
    std::shared_ptr<const std::string> text() const;

  private:
    void countEnded();
    RepositoryMetrics look(const std::string& name);
    void lookAtSnapshots(RepositoryMetrics& metrics, Repository& repository);
    std::optional<std::uint64_t> sizeOf(Repository& repository, const SnapshotInfo& info);

    const Parts parts_;
    std::uint64_t seen_;  // number of the last event that was looked at
    RunCounters counters_;
    std::map<std::string, std::map<SnapshotId, std::uint64_t>> sizes_;  // by repository
    mutable Guarded<std::shared_ptr<const std::string>> text_;
};

}  // namespace coffer
