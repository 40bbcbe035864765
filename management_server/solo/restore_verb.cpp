#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/json.h"
#include "core/console/snapshot_path.h"
#include "core/console/table.h"
#include "core/pipeline/restore_job.h"
#include "core/pipeline/restore_mark.h"
#include "core/repository/chunk_reader.h"
#include "core/service/system_facts.h"
#include "core/snapshot/snapshot_catalog.h"
#include "core/snapshot/snapshot_reader.h"
#include "core/snapshot/tree_walk.h"
#include "core/source/file_system_target.h"
#include "management_server/solo/collocated_store.h"
#include "management_server/solo/place.h"
#include "management_server/solo/shown_run.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

struct RestoreOptions {
    std::string what;
    std::string target;
    bool resume = false;
    unsigned workers = 0;
};

// After a power loss a file may have its size and times but not its content.
void removeRestored(ChunkSource& chunks, const TreeNode& node, RestoreTarget& target,
                    const CancelToken& cancel) {
    const auto removeEntry = [&](const std::string& path) {
        if (target.stat(path)) target.remove(path);
    };
    if (!node.isFolder()) return removeEntry(node.name);
    TreeWalk walk(chunks, node);
    while (walk.next()) {
        cancel.check();
        if (!walk.node().isFolder()) removeEntry(walk.path());
    }
}

// Whether what a former restore left in the target can be gone on with.
void checkMark(const std::optional<RestoreMark>& found, const RestoreMark& wanted,
               const std::string& target) {
    if (!found) {
        throw Error(ErrorCode::conflict, "no interrupted restore into " + printable(target) +
                                             " is known: restore into an empty folder");
    }
    if (found->restore != wanted.restore) {
        throw Error(ErrorCode::conflict, "the interrupted restore into " + printable(target) +
                                             " was of " + printable(found->restore) +
                                             ": go on with that, or restore into an empty folder");
    }
}

std::unique_ptr<FileSystemTarget> openTarget(const std::string& path, bool resume,
                                             const std::optional<RestoreMark>& found) {
    FileSystemTarget::Options options;
    options.resume = resume;
    try {
        return std::make_unique<FileSystemTarget>(path, options);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::alreadyExists || !found) throw;
        throw Error(error.code(),
                    std::string(error.what()) +
                        "; it holds an interrupted restore: --resume goes on with it");
    }
}

void print(const Snapshot& snapshot, const std::string& path, const RunProgress& progress,
           std::uint64_t warnings, double seconds, const GlobalOptions& options,
           const std::string& target) {
    if (options.json) {
        Json object{{"snapshot", snapshot.id.hex()}};
        putOctets(object, "path", path);
        putOctets(object, "target", target);
        object["files"] = progress.files.load();
        object["folders"] = progress.folders.load();
        object["others"] = progress.others.load();
        object["bytes"] = progress.bytes.load();
        object["warnings"] = warnings;
        object["seconds"] = seconds;
        printJson(std::cout, object);
        return;
    }
    if (options.quiet) return;
    FactTable facts;
    facts.add("restored", shortName(snapshot.id) + ":" + printable(path));
    facts.add("into", printable(target));
    facts.add("files", countText(progress.files));
    facts.add("folders", countText(progress.folders));
    if (progress.others > 0) facts.add("other entries", countText(progress.others));
    facts.add("size", sizeText(progress.bytes));
    facts.add("time", durationText(seconds) + " (" + rateText(progress.bytes, seconds) + ")");
    if (warnings > 0) facts.add("warnings", countText(warnings));
    facts.print(std::cout);
}

int restore(Context& context, const RestoreOptions& options) {
    Reporter reporter(context.options);
    const auto place = Place::look(context.options);
    Repository& repository = place->repository();
    const SnapshotPath what = snapshotPath(options.what);
    const Snapshot snapshot = findSnapshot(repository, what.snapshot);
    // Says which snapshot lacks the path, before anything is begun.
    SnapshotReader(repository, snapshot.domain).nodeAt(snapshot, what.path);
    CollocatedStore collocated(repository, context.cancel);
    const auto store = collocated.beginRestore(snapshot.id, what.path);
    const TreeNode& node = store->entries().front().node;

    const std::string path = place->disk().canonical(options.target);
    place->requireOutsideState(path);
    const RestoreMark mark{snapshot.id.hex() + ":" + what.path, bootId()};
    RestoreMarker marker(
        place->disk(), place->state().restoreFolder(), path, [&](const std::string& lock) {
            return during("restore to " + printable(path), [&] { return FileLock::take(lock); });
        });
    const std::optional<RestoreMark> found = marker.read();
    if (options.resume) checkMark(found, mark, path);
    const auto target = openTarget(path, options.resume, found);
    RestoreSettings settings{options.resume, options.workers};
    if (options.resume && found->isOlderThan(mark.bootId)) {
        reporter.note("the computer was restarted since: everything is restored anew");
        ChunkReader chunks(*store, store->domainKey());
        removeRestored(chunks, node, *target, context.cancel);
        settings.resume = false;
    }
    marker.write(mark);

    ShownRun run("restore", reporter, context.options);
    if (what.path == "/") run.progress.totalBytes = snapshot.statistics.bytes;
    runRestore(*store, store->domainKey(), node, *target, settings, run.progress, run.problems,
               context.cancel);
    const double seconds = run.end();
    marker.remove();
    print(snapshot, what.path, run.progress, run.problems.count(), seconds, context.options, path);
    return run.problems.count() > 0 ? exitWarnings : exitSuccess;
}

}  // namespace

void addRestore(CLI::App& app, Context& context) {
    auto* verb =
        app.add_subcommand("restore", "Bring a snapshot, or a part of it, back into a folder");
    const auto options = std::make_shared<RestoreOptions>();
    verb->add_option("SNAPSHOT[:PATH]", options->what,
                     "'latest', an id or its first digits; PATH as it was backed up")
        ->required();
    verb->add_option("--to", options->target, "Folder to restore into: empty, or made")
        ->type_name("DIR")
        ->required();
    verb->add_flag("--resume", options->resume, "Go on with a restore into DIR that was cut short");
    verb->add_option("--workers", options->workers, "Threads (default: one for each core)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    verb->footer(
        "Of a folder its content is restored into DIR, of a file the file. Without PATH the whole\n"
        "snapshot is, with the folders that lead to what was backed up. Owners are restored when\n"
        "run as root. What could not be restored in full is reported, and the exit code is 3.\n\n"
        "Example:\n"
        "  coffer-solo --repo /backup/repo restore latest:/home/ann --to /tmp/ann\n"
        "  coffer-solo --repo /backup/repo restore 1f3a9c02 --to /mnt/new");
    verb->callback([&context, options] {
        context.job = [&context, options] { return restore(context, *options); };
    });
}

}  // namespace coffer::solo
