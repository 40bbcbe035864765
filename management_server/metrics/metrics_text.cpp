#include "management_server/metrics/metrics_text.h"

#include <algorithm>

#include "core/base/printable.h"
#include "management_server/metrics/exposition.h"

namespace coffer {

namespace {

using Type = Exposition::Type;

double secondsOf(Timestamp time) {
    return static_cast<double>(time.seconds) + static_cast<double>(time.nanoseconds) / 1e9;
}

double number(std::uint64_t value) {
    return static_cast<double>(value);
}

void addServer(Exposition& out, const MetricsState& state) {
    out.family("coffer_info", Type::gauge, "The server.");
    out.add({{"version", state.version}}, 1);
    out.family("coffer_collected_timestamp_seconds", Type::gauge, "When all this was looked at.");
    out.add(secondsOf(state.time));
    out.family("coffer_agents", Type::gauge, "Agents by state.");
    for (const auto& [name, count] : state.agents) out.add({{"state", name}}, number(count));
}

Exposition::Labels labelsOf(const SourceStatus& source) {
    const SourceName& name = source.facts.name;
    return {{"id", source.id},
            {"agent", name.agent},
            {"repository", name.repository},
            {"source", name.shown()},
            {"component", printable(source.component)}};
}

void addSources(Exposition& out, const StatusReport& status) {
    std::map<SourceState, std::size_t> counts;
    for (const SourceState state : {SourceState::safe, SourceState::unproven, SourceState::late,
                                    SourceState::failing, SourceState::unprotected}) {
        counts[state] = 0;
    }
    for (const SourceStatus& source : status.sources) ++counts[source.verdict.state];
    out.family("coffer_sources", Type::gauge, "Sources by state.");
    for (const auto& [state, count] : counts) {
        out.add({{"state", std::string(nameOf(state))}}, number(count));
    }
    out.family("coffer_source_protected", Type::gauge,
               "1 when the source is protected, 0 when somebody has to look.");
    for (const SourceStatus& source : status.sources) {
        out.add(labelsOf(source), source.verdict.state == SourceState::safe ? 1 : 0);
    }
    out.family("coffer_source_acknowledged", Type::gauge,
               "1 when somebody knows of the state that the source is in.");
    for (const SourceStatus& source : status.sources) {
        out.add(labelsOf(source), source.known ? 1 : 0);
    }
    out.family("coffer_source_last_good_backup_timestamp_seconds", Type::gauge,
               "When the source was last backed up well.");
    for (const SourceStatus& source : status.sources) {
        const auto& last = source.facts.lastSuccess;
        if (last) out.add(labelsOf(source), secondsOf(*last));
    }
    out.family("coffer_source_last_good_backup_age_seconds", Type::gauge,
               "The age of that backup when all this was looked at.");
    for (const SourceStatus& source : status.sources) {
        const auto& last = source.facts.lastSuccess;
        if (last) out.add(labelsOf(source), secondsOf(status.time) - secondsOf(*last));
    }
    out.family("coffer_source_last_proven_timestamp_seconds", Type::gauge,
               "When a rehearsal last proved that the source can be restored.");
    for (const SourceStatus& source : status.sources) {
        const auto& last = source.facts.lastProven;
        if (last) out.add(labelsOf(source), secondsOf(*last));
    }
    out.family("coffer_uncovered_file_systems", Type::gauge,
               "File systems of agents of which nothing is backed up.");
    out.add(number(status.uncovered.size()));
}

void addRuns(Exposition& out, const MetricsState& state) {
    out.family("coffer_runs", Type::gauge, "Runs that are kept, by kind and state.");
    for (const auto& [key, count] : state.runs) {
        out.add({{"kind", key.first}, {"state", key.second}}, number(count));
    }
    const auto& kinds = state.counters.byKind();
    out.family("coffer_runs_ended_total", Type::counter,
               "Runs that have ended since the server began.");
    for (const auto& [kind, counts] : kinds) {
        for (const auto& [ended, count] : counts.ended) {
            out.add({{"kind", kind}, {"state", ended}}, number(count));
        }
    }
    out.family("coffer_run_seconds_total", Type::counter, "How long these took, all together.");
    for (const auto& [kind, counts] : kinds) out.add({{"kind", kind}}, counts.seconds);
    out.family("coffer_runs_timed_total", Type::counter,
               "How many are in coffer_run_seconds_total.");
    for (const auto& [kind, counts] : kinds) out.add({{"kind", kind}}, number(counts.timed));
    out.family("coffer_run_bytes_total", Type::counter,
               "What these worked on: bytes, read-bytes, new-bytes, stored-bytes.");
    for (const auto& [kind, counts] : kinds) {
        for (const auto& [what, octets] : counts.octets) {
            out.add({{"kind", kind}, {"what", what}}, octets);
        }
    }
}

void addRepositories(Exposition& out, const std::vector<RepositoryMetrics>& repositories) {
    const auto each = [&](std::string_view name, std::string_view help,
                          std::uint64_t RepositoryMetrics::*member) {
        out.family(name, Type::gauge, help);
        for (const RepositoryMetrics& one : repositories) {
            if (one.usable) out.add({{"repository", one.name}}, number(one.*member));
        }
    };
    out.family("coffer_repository_usable", Type::gauge, "1 when the repository can be read.");
    for (const RepositoryMetrics& one : repositories) {
        if (!one.removedUntil) out.add({{"repository", one.name}}, one.usable ? 1 : 0);
    }
    out.family("coffer_repository_removed_until_timestamp_seconds", Type::gauge,
               "When a repository that was removed will be gone.");
    for (const RepositoryMetrics& one : repositories) {
        if (!one.removedUntil) continue;
        out.add({{"repository", one.name}}, static_cast<double>(one.removedUntil->seconds));
    }
    each("coffer_repository_snapshots", "Snapshots in ordinary lists.",
         &RepositoryMetrics::snapshots);
    each("coffer_repository_content_bytes", "Sizes of the files in all these snapshots.",
         &RepositoryMetrics::contentBytes);
    each("coffer_repository_stored_bytes", "What the packs take.", &RepositoryMetrics::storedBytes);
    each("coffer_repository_packs", "Packs.", &RepositoryMetrics::packs);
    each("coffer_repository_unverified_packs", "Packs that are still to be verified.",
         &RepositoryMetrics::unverifiedPacks);
    each("coffer_repository_damaged_packs", "Packs that did not stand their check.",
         &RepositoryMetrics::damagedPacks);
    out.family("coffer_repository_dedup_ratio", Type::gauge, "Content bytes for each stored byte.");
    for (const RepositoryMetrics& one : repositories) {
        if (!one.usable || one.storedBytes == 0) continue;
        out.add({{"repository", one.name}}, number(one.contentBytes) / number(one.storedBytes));
    }
}

}  // namespace

std::string metricsText(const MetricsState& state) {
    Exposition out;
    addServer(out, state);
    addSources(out, state.status);
    addRuns(out, state);
    addRepositories(out, state.repositories);
    const std::uint64_t dropped = out.dropped();
    out.family("coffer_dropped_samples", Type::gauge,
               "Samples that were left out because there are too many.");
    out.add(number(dropped));
    return out.take();
}

}  // namespace coffer
