#include "workstation_agent/worker/backup_run.h"

#include <algorithm>
#include <set>

#include "core/agent/object_path.h"
#include "core/base/octet_count.h"
#include "core/base/parts.h"
#include "core/base/paths.h"
#include "core/base/pause.h"
#include "core/base/wire.h"
#include "core/pipeline/backup_job.h"
#include "core/pipeline/rate_limits.h"
#include "core/rpc/convert.h"
#include "core/rpc/store/remote_backup_store.h"
#include "core/schedule/words.h"
#include "core/snapshot/snapshot.h"
#include "core/source/exclude_rules.h"
#include "core/source/file_system_source.h"

namespace coffer {

namespace {

// The agent's keys and settings belong to no backup.
void leaveOut(BackupRequest& request, const std::vector<std::string>& own) {
    for (const std::string& place : own) {
        for (const std::string& path : request.paths) {
            if (!isWithin(path, place)) continue;
            throw Error(ErrorCode::permissionDenied,
                        shownPath(path) + ": the agent's own files are not backed up");
        }
        const auto covers = [&](const std::string& path) { return isWithin(place, path); };
        if (std::ranges::any_of(request.paths, covers)) {
            request.excludes.push_back(patternOfPath(place));
        }
    }
}

void readFilters(const std::map<std::string, std::string>& options, BackupRequest& request) {
    const auto lines = [](const std::string& text) { return partsOf(text, '\n'); };
    request.includes = parsedOption(options, "include", lines).value_or(std::vector<std::string>());
    request.excludeLargerThan = parsedOption(options, "exclude-larger-than", octetCount);
    request.excludeOlderThan = parsedOption(options, "exclude-older-than", words::duration);
    request.oneFileSystem = rpc::truthIn(options, "one-file-system", false);
    request.excludeCaches = rpc::truthIn(options, "exclude-caches", false);
    request.excludeNoDump = rpc::truthIn(options, "exclude-nodump", false);
}

BackupRequest requestOf(const WorkerOrder& order) {
    BackupRequest request;
    request.host = order.host;
    request.paths = order.what;
    request.excludes = order.patterns;
    readFilters(order.options, request);
    leaveOut(request, order.own);
    return request;
}

BackupSettings settingsOf(const WorkerOrder& order) {
    BackupSettings settings;
    const auto level = static_cast<unsigned>(settings.compressionLevel);
    settings.compressionLevel =
        static_cast<int>(optionIn(order.options, "compression", level, 1, 19));
    settings.workers = optionIn(order.options, "workers", 0, 1, 256);
    settings.cacheFolder = order.cacheFolder;
    if (const auto id = order.options.find("snapshot"); id != order.options.end()) {
        settings.snapshot = snapshotIdOf(id->second);
    }
    return settings;
}

// Backups of the same paths share their journals, so they go one after the other.
std::string lockOf(const WorkerOrder& order) {
    WireWriter writer;
    for (const std::string& path : std::set(order.what.begin(), order.what.end())) {
        writer.sized(path);
    }
    return order.cacheFolder + "/" + sha256(writer.bytes()).hex().substr(0, 24) + ".lock";
}

/// The store, which sees when a backup comes to its last step.
class WatchedStore : public BackupStore {
  public:
    WatchedStore(BackupStore& inner, RunReporter& reporter) : inner_(inner), reporter_(reporter) {}

    const SessionTerms& terms() const override { return inner_.terms(); }
    std::vector<bool> missing(std::span<const ChunkId> ids) override { return inner_.missing(ids); }
    std::unique_ptr<PackUpload> openPack() override { return inner_.openPack(); }
    Timestamp commit(const SealedSnapshot& snapshot) override {
        reporter_.phase("finishing");
        return inner_.commit(snapshot);
    }

  private:
    BackupStore& inner_;
    RunReporter& reporter_;
};

}  // namespace

WorkerResult backUp(const WorkerOrder& order, const RunWorld& world) {
    const BackupRequest request = requestOf(order);
    const BackupSettings settings = settingsOf(order);
    const Rates rates = ratesIn(order.options);
    const FileLock lock = lockFor(world, lockOf(order));
    const auto base = [&](const RepositoryId& repository) {
        return baseOf(request, settings.cacheFolder, repository);
    };
    rpc::RemoteBackupStore store(world.store, order.token, order.agent, base, world.calls());
    world.reporter.phase("running");

    RunProgress& progress = world.reporter.progress();
    ProblemLog& problems = world.reporter.problems();
    FileSystemSource source;
    WatchedStore watched(store, world.reporter);
    RateLimits limits(rates, world.clock, pauseUnless(world.cancel));
    const Snapshot snapshot =
        runBackup(limits.on(source), limits.on(watched), store.keys(), store.chunker(), request,
                  settings, world.clock, progress, problems, world.cancel);
    progress.storedBytes = snapshot.statistics.storedBytes;
    return {problems.count() > 0 ? "warnings" : "succeeded", "", snapshot.id.hex(),
            world.reporter.counts()};
}

}  // namespace coffer
