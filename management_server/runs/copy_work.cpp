#include "management_server/runs/copy_work.h"

#include <filesystem>
#include <memory>

#include "core/base/error.h"
#include "core/base/pause.h"
#include "core/pipeline/copy_job.h"
#include "core/pipeline/doubted_packs.h"
#include "core/repository/chunk_reader.h"
#include "core/repository/generation_hold.h"
#include "core/repository/read_session.h"
#include "core/repository/server_agent.h"
#include "core/repository/write_session.h"
#include "core/rpc/convert.h"
#include "core/storage/throttle.h"

namespace coffer {

namespace {

using SnapshotIds = std::unordered_set<SnapshotId, IdHash>;

std::string mapFile(const std::string& folder, const RepositoryId& from, const RepositoryId& to) {
    std::error_code told;  // by who opens the file
    std::filesystem::create_directory(folder, told);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, told);
    return folder + "/" + from.hex() + "-" + to.hex() + ".db";
}

/// Copies the snapshots of one run, one after the other.
class CopyRun {
  public:
    CopyRun(const CopyParts& parts, const ServerTask& task)
        : parts_(parts),
          task_(task),
          from_(task.repository),
          to_(parts.repositories.open(task.run.target)),
          choice_(CopyChoice::of(task.run.options)),
          hold_(from_),
          map_(mapFile(parts.mapFolder, from_.config().repositoryId, to_->config().repositoryId),
               from_.config().repositoryId, to_->config().repositoryId),
          throttle_(BandwidthSchedule::parse(rpc::textIn(task.run.options, "limit", "none")),
                    from_.clock(), pauseUnless(task.cancel)) {}

    ServerVerdict run() {
        to_->checkOwner();  // what it is said to have is no copy where its disk is not mounted
        for (const SnapshotInfo& info : chosenSnapshots(from_, choice_, parts_.agentNames())) {
            ++chosen_;
            try {
                copy(info);
            } catch (const Error& error) {
                if (error.endsRun() || !concernsItAlone(error.code())) throw;
                ++failed_;
                task_.problems.add("snapshot " + info.registration.id.hex(), error);
            }
        }
        return verdict();
    }

  private:
    static bool concernsItAlone(ErrorCode code) {
        return code == ErrorCode::corrupt || code == ErrorCode::notFound ||
               code == ErrorCode::untrusted || code == ErrorCode::unsupported;
    }

    void copy(const SnapshotInfo& info);
    void checkPacks(DoubtedPacks& packs);
    bool isThere(const SnapshotOrigin& origin);
    AgentId enrolled(const AgentId& agent);
    SnapshotIds present();
    ServerVerdict verdict() const;

    const CopyParts& parts_;
    const ServerTask& task_;
    Repository& from_;
    const std::shared_ptr<Repository> to_;
    const CopyChoice choice_;
    const GenerationHold hold_;  // no prune takes what is to be read
    CopyMap map_;
    Throttle throttle_;
    std::uint64_t chosen_ = 0;
    std::uint64_t copied_ = 0;
    std::uint64_t failed_ = 0;
};

void CopyRun::copy(const SnapshotInfo& info) {
    const Snapshot snapshot = loadSnapshot(from_, info);
    const SnapshotOrigin origin = snapshot.origin.value_or(SnapshotOrigin{
        from_.config().repositoryId, snapshot.id, snapshot.agent, snapshot.committed});
    const SnapshotId id = origin.copyIn(to_->config().repositoryId);
    // What was forgotten there comes back only by name.
    const bool wasThere = origin.repository == to_->config().repositoryId || map_.wasCopied(id);
    if (isThere(origin) || (choice_.named.empty() && wasThere)) return;
    const AgentId agent = enrolled(origin.agent);
    AgentKeys keys = to_->agentKeys({agent, to_->keys().sign});
    WriteSession session(*to_, agent, {}, {.id = id, .tags = info.mark.tags});
    const SnapshotIds snapshots = present();  // behind the session's begin
    ReadSession reading(from_);
    DoubtedPacks packs(from_, reading);
    ChunkReader chunks(packs, from_.keys().domain(snapshot.domain).key);
    task_.progress.totalBytes += snapshot.statistics.bytes;
    try {
        runCopy(
            snapshot, origin, chunks, {session, keys, map_, snapshots},
            [this](std::uint64_t octets) { throttle_.take(octets); }, task_.progress, task_.cancel);
    } catch (const Error& error) {
        if (isPackDamage(error.code())) checkPacks(packs);
        throw;
    }
    map_.noteCopied(id);
    ++copied_;
    parts_.repositories.changed(task_.run.target);
}

// The next backup must not count on what could not be copied.
void CopyRun::checkPacks(DoubtedPacks& packs) {
    for (const auto& [pack, damage] : packs.check(task_.cancel)) {
        task_.problems.add(packName(pack), damage);
    }
}

// Also when it is what a copy was made of.
bool CopyRun::isThere(const SnapshotOrigin& origin) {
    const RepositoryId& here = to_->config().repositoryId;
    return to_->ledger()
        .snapshot(origin.repository == here ? origin.snapshot : origin.copyIn(here))
        .has_value();
}

AgentId CopyRun::enrolled(const AgentId& agent) {
    const AgentId id = copyAgent(agent);
    const auto known = to_->ledger().agentKey(id);
    if (known && *known != to_->config().server) {
        throw Error(ErrorCode::conflict, "an agent has the id " + id.hex() +
                                             ", as which the server would sign its copies");
    }
    to_->enrol(id, to_->config().server);
    return id;
}

// None when anything is damaged there: then nothing is taken over unseen.
SnapshotIds CopyRun::present() {
    SnapshotIds ids;
    if (to_->ledger().totals(PackState::suspect).packs > 0) return ids;
    for (const SnapshotInfo& info : to_->ledger().snapshots()) ids.insert(info.registration.id);
    return ids;
}

ServerVerdict CopyRun::verdict() const {
    const RunProgress& progress = task_.progress;
    ServerVerdict verdict;
    verdict.counts = {{"snapshots", std::to_string(chosen_)},
                      {"copied", std::to_string(copied_)},
                      {"present", std::to_string(chosen_ - copied_ - failed_)},
                      {"missing", std::to_string(failed_)},
                      {"files", std::to_string(progress.files)},
                      {"folders", std::to_string(progress.folders)},
                      {"kept-items", std::to_string(progress.keptItems)},
                      {"read-bytes", std::to_string(progress.readBytes)},
                      {"new-bytes", std::to_string(progress.newBytes)},
                      {"stored-bytes", std::to_string(progress.storedBytes)},
                      {"problems", std::to_string(task_.problems.count())}};
    verdict.outcome = failed_ > 0 ? RunOutcome::warnings : RunOutcome::succeeded;
    if (failed_ > 0) {
        verdict.message = std::to_string(failed_) + " snapshots could not be copied";
    }
    return verdict;
}

}  // namespace

ServerWork copyWork(CopyParts parts) {
    return
        [parts = std::move(parts)](const ServerTask& task) { return CopyRun(parts, task).run(); };
}

}  // namespace coffer
