#include "core/pipeline/backup_job.h"

#include <algorithm>
#include <memory>

#include "core/base/printable.h"
#include "core/base/random.h"
#include "core/base/threads.h"
#include "core/pipeline/backup_worker.h"
#include "core/pipeline/journal_files.h"
#include "core/pipeline/tree_backup.h"

namespace coffer {

namespace {

// What the user named has to be there; what vanishes later is only a warning.
void checkPathsExist(DataSource& source, const Selection& selection) {
    for (const std::string& path : selection.paths()) {
        if (path == "/") continue;
        const std::size_t slash = path.rfind('/');
        const auto folder = source.openFolder(slash == 0 ? "/" : path.substr(0, slash));
        if (!folder->stat(path.substr(slash + 1))) {
            throw Error(ErrorCode::notFound, printable(path) + ": no such file or folder");
        }
    }
}

// One more than cores: while some wait for the store, the cores still have work.
unsigned defaultWorkers() {
    return availableCores() + 1;
}

void runWorkers(BackupShared& shared, TreeBackup& tree, unsigned count) {
    std::vector<std::unique_ptr<BackupWorker>> workers;
    for (unsigned i = 0; i < count; ++i) workers.push_back(std::make_unique<BackupWorker>(shared));
    const auto onAll = [&](const std::function<void(BackupWorker&)>& work) {
        ThreadScope threads;
        for (const auto& worker : workers) {
            threads.start([&] { work(*worker); }, [&] { shared.queue.stop(); });
        }
        threads.join();
    };
    onAll([&](BackupWorker& worker) {
        shared.queue.work(worker, [&](BackupWorker& resting) { tree.finishOpen(resting); });
    });
    shared.cancel.check();
    onAll([](BackupWorker& worker) { worker.sink().flush(); });
    // Each waits for the store's disk.
    onAll([&](BackupWorker&) {
        while (shared.dataPacks.finishOne() || shared.treePacks.finishOne()) continue;
    });
}

// What a run that is stopped has sent by then need not be sent again.
void finishPacks(BackupShared& shared) {
    try {
        shared.dataPacks.finish();
        shared.treePacks.finish();
    } catch (const Error&) {
        // It was stopped, and that is what counts.
    }
}

BackupStatistics statisticsOf(const RunProgress& progress, const BackupShared& shared,
                              std::uint64_t warnings) {
    BackupStatistics statistics;
    statistics.files = progress.files;
    statistics.folders = progress.folders;
    statistics.others = progress.others;
    statistics.bytes = progress.bytes;
    statistics.readBytes = progress.readBytes;
    statistics.newBytes = progress.newBytes;
    statistics.storedBytes = shared.dataPacks.storedBytes() + shared.treePacks.storedBytes();
    statistics.changedFiles = progress.changedFiles;
    statistics.warnings = warnings;
    return statistics;
}

}  // namespace

std::optional<SnapshotId> baseOf(const BackupRequest& request, const std::string& cacheFolder,
                                 const RepositoryId& repository) {
    return JournalFiles(cacheFolder, request, repository).baseSnapshot();
}

Snapshot runBackup(DataSource& source, BackupStore& store, const AgentKeys& keys,
                   const ChunkerParameters& chunkerParameters, const BackupRequest& request,
                   const BackupSettings& settings, const Clock& clock, RunProgress& progress,
                   ProblemLog& problems, const CancelToken& cancel) {
    const Selection selection(request);
    checkPathsExist(source, selection);
    JournalFiles files(settings.cacheFolder, request, keys.repositoryId);
    Snapshot snapshot;
    snapshot.id = settings.snapshot.value_or(randomId<SnapshotId>());
    snapshot.host = request.host;
    snapshot.paths.assign(selection.paths().begin(), selection.paths().end());
    snapshot.excludes = request.excludes;
    snapshot.filters = filtersOf(request);
    snapshot.started = clock.now();
    if (store.terms().basePinned) snapshot.base = files.baseSnapshot();

    const std::vector<JournalReader> bases = files.open();
    JournalWriter journal(files.current(), keys.repositoryId);
    const Chunker chunker(chunkerParameters, keys.domain.seed);
    BackupShared shared(store, keys, settings.compressionLevel, progress, cancel);
    TreeBackup tree({shared, source, request, selection, chunker, bases, journal, problems, clock,
                     settings.cacheFolder});
    tree.start();
    try {
        runWorkers(shared, tree, settings.workers ? settings.workers : defaultWorkers());
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) finishPacks(shared);
        journal.sync();  // the next run goes on from here
        throw;
    }
    snapshot.root = tree.root();
    snapshot.ended = clock.now();
    snapshot.statistics = statisticsOf(progress, shared, problems.count());
    snapshot.agent = keys.agentId;
    snapshot.domain = keys.domain.id;
    cancel.check();
    snapshot.committed = store.commit(
        sealSnapshot(keys, snapshot.id, *snapshot.root.tree, false, snapshot.encodeBody()));
    journal.finish(snapshot.id);
    files.commit();
    return snapshot;
}

}  // namespace coffer
