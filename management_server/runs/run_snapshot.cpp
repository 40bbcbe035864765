#include "management_server/runs/run_snapshot.h"

#include "core/base/wire.h"
#include "core/snapshot/backup_counts.h"
#include "core/snapshot/snapshot_catalog.h"

namespace coffer {

namespace {

constexpr std::string_view purpose = "coffer snapshot of a run";

}  // namespace

SnapshotId snapshotOf(const RunRecord& run, const RepositoryId& repository) {
    WireWriter writer;
    writer.raw(bytesOf(purpose));
    writer.raw(repository.view());
    writer.sized(run.agent);
    writer.zigzag(run.number);
    writer.time(run.ordered);
    return SnapshotId::from(sha256(writer.bytes()).view().first(sizeof(SnapshotId::bytes)));
}

std::optional<RunResultRecord> resultOfCommit(const RunRecord& run, const AgentId& agent,
                                              Repository& repository) {
    const SnapshotId id = snapshotOf(run, repository.config().repositoryId);
    const auto info = repository.ledger().snapshot(id);
    if (!info || info->registration.agent != agent) return {};
    const BackupStatistics numbers = loadSnapshot(repository, *info).statistics;
    RunResultRecord result;
    result.run = run.number;
    result.attempt = run.stand.attempt;
    result.outcome = numbers.warnings > 0 ? RunOutcome::warnings : RunOutcome::succeeded;
    result.message = "it had committed before it was cut";
    result.snapshot = id.hex();
    result.counts = countsOf(numbers);
    auto warnings = result.counts.extract("warnings");  // what runs call problems
    warnings.key() = "problems";
    result.counts.insert(std::move(warnings));
    result.problemCount = numbers.warnings;
    result.isUnverified = !unprovenPacksOf(repository, id, run.generation).empty();
    return result;
}

// What was damaged before it began was missing to the backup, so it has sent it again.
UnprovenPacks unprovenPacksOf(Repository& repository, const SnapshotId& snapshot,
                              std::uint64_t since) {
    UnprovenPacks packs;
    for (PackInfo& info : repository.ledger().unprovenPacksOf(snapshot)) {
        if (info.state == PackState::received) {
            packs.received.push_back(std::move(info));
        } else if (info.changed > since) {
            packs.damaged.push_back(std::move(info));
        }
    }
    return packs;
}

}  // namespace coffer
