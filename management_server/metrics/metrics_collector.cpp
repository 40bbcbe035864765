#include "management_server/metrics/metrics_collector.h"

#include <charconv>

#include "core/service/log.h"
#include "management_server/database/columns.h"
#include "management_server/runs/run_table.h"

namespace coffer {

namespace {

constexpr std::uint32_t eventsAtOnce = 1'000;
constexpr std::size_t snapshotsAtOnce = 2'000;  // that are opened for one text

std::int64_t runOf(const RecordedEvent& event) {
    std::int64_t run = 0;
    std::from_chars(event.subject.data(), event.subject.data() + event.subject.size(), run);
    return run;
}

}  // namespace

MetricsCollector::MetricsCollector(Parts parts)
    : parts_(std::move(parts)), seen_(parts_.events.newest()) {
    text_.with([](auto& text) { text = std::make_shared<const std::string>(); });
}

void MetricsCollector::collect() {
    countEnded();
    MetricsState state;
    state.time = parts_.clock.now();
    state.version = parts_.version;
    state.agents = parts_.agents();
    state.status = *parts_.status();
    state.counters = counters_;
    parts_.database.read([&](SqlDatabase& database) {
        SqlStatement rows =
            database.prepare("SELECT kind,state,count(*) FROM runs GROUP BY kind,state");
        while (rows.step()) {
            state.runs[{textAt(rows, 0), textAt(rows, 1)}] =
                static_cast<std::uint64_t>(rows.integer(2));
        }
    });
    for (const RepositoryRecord& record : parts_.repositories.list()) {
        if (record.removal) {
            state.repositories.push_back({record.name, record.removal->due, false});
        } else {
            state.repositories.push_back(look(record.name));
        }
    }
    auto text = std::make_shared<const std::string>(metricsText(state));
    text_.with([&](auto& kept) { kept = std::move(text); });
}

void MetricsCollector::countEnded() {
    for (auto events = parts_.events.since(seen_, eventsAtOnce); !events.empty();
         events = parts_.events.since(seen_, eventsAtOnce)) {
        parts_.database.read([&](SqlDatabase& database) {
            RunTable table(database);
            for (const RecordedEvent& event : events) {
                if (event.kind != "run-ended") continue;
                if (const auto run = table.find(runOf(event))) counters_.add(*run);
            }
        });
        seen_ = events.back().number;
    }
}

RepositoryMetrics MetricsCollector::look(const std::string& name) {
    RepositoryMetrics metrics;
    metrics.name = name;
    try {
        const std::shared_ptr<Repository> repository = parts_.repositories.open(name);
        const Ledger& ledger = repository->ledger();
        for (const PackState state :
             {PackState::received, PackState::verified, PackState::suspect}) {
            metrics.packs += ledger.totals(state).packs;
            metrics.storedBytes += ledger.totals(state).bytes;
        }
        metrics.unverifiedPacks = ledger.totals(PackState::received).packs;
        metrics.damagedPacks = ledger.totals(PackState::suspect).packs;
        lookAtSnapshots(metrics, *repository);
    } catch (const Error& error) {
        metrics.usable = false;
        log(LogLevel::debug, "metrics.repository", {{"name", name}, {"message", error.what()}});
    }
    return metrics;
}

// A snapshot never changes: each is opened once, after a start some at a time.
void MetricsCollector::lookAtSnapshots(RepositoryMetrics& metrics, Repository& repository) {
    std::map<SnapshotId, std::uint64_t>& before = sizes_[metrics.name];
    std::map<SnapshotId, std::uint64_t> sizes;
    std::size_t opened = 0;
    for (const SnapshotInfo& info : repository.ledger().snapshots()) {
        if (!info.isShown()) continue;
        ++metrics.snapshots;
        std::optional<std::uint64_t> bytes;
        if (const auto known = before.find(info.registration.id); known != before.end()) {
            bytes = known->second;
        } else if (opened++ < snapshotsAtOnce) {
            bytes = sizeOf(repository, info);
        }
        if (!bytes) continue;
        sizes.emplace(info.registration.id, *bytes);
        metrics.contentBytes += *bytes;
    }
    before = std::move(sizes);
}

// One that is damaged counts as empty; verify tells of it. Nothing when it may go another time.
std::optional<std::uint64_t> MetricsCollector::sizeOf(Repository& repository,
                                                      const SnapshotInfo& info) {
    try {
        return parts_.shelf.load(repository, info)->statistics.bytes;
    } catch (const Error& error) {
        const bool forGood =
            error.code() == ErrorCode::corrupt || error.code() == ErrorCode::untrusted;
        return forGood ? std::optional<std::uint64_t>(0) : std::nullopt;
    }
}

std::shared_ptr<const std::string> MetricsCollector::text() const {
    return text_.with([](const auto& text) { return text; });
}

}  // namespace coffer
