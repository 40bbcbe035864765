#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "management_server/metrics/run_counters.h"
#include "management_server/status/status_keeper.h"

namespace coffer {

/// A repository in numbers.
struct RepositoryMetrics {
    std::string name;
    std::optional<Timestamp> removedUntil{};  // then all that follows is unknown
    bool usable = true;                       // likewise if not
    std::uint64_t snapshots = 0;
    std::uint64_t contentBytes = 0;  // sizes of the files in all its snapshots
    std::uint64_t storedBytes = 0;
    std::uint64_t packs = 0;
    std::uint64_t unverifiedPacks = 0;
    std::uint64_t damagedPacks = 0;
};

/// All that metrics are made of, at a moment.
struct MetricsState {
    Timestamp time;
    std::string version;
    std::map<std::string, std::size_t> agents;  // how many, by state
    StatusReport status;
    std::map<std::pair<std::string, std::string>, std::uint64_t> runs;  // kept, by kind and state
    RunCounters counters;
    std::vector<RepositoryMetrics> repositories;
};

/// The text for Prometheus; docs/metrics.md lists what is in it. A pure function.
std::string metricsText(const MetricsState& state);

}  // namespace coffer
