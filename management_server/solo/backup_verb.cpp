#include <iostream>
#include <limits>

#include "core/base/octet_count.h"
#include "core/base/paths.h"
#include "core/base/pause.h"
#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/json.h"
#include "core/console/table.h"
#include "core/pipeline/backup_job.h"
#include "core/pipeline/rate_limits.h"
#include "core/schedule/words.h"
#include "core/service/system_facts.h"
#include "core/snapshot/snapshot_catalog.h"
#include "core/source/file_system_source.h"
#include "management_panel/cli/snapshot_view.h"
#include "management_server/snapshots/snapshot_forms.h"
#include "management_server/solo/backup_paths.h"
#include "management_server/solo/collocated_store.h"
#include "management_server/solo/place.h"
#include "management_server/solo/shown_run.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

struct BackupOptions {
    std::vector<std::string> paths;
    std::vector<std::string> excludes;
    std::vector<std::string> excludeFiles;
    std::vector<std::string> includes;
    std::string excludeLargerThan;
    std::string excludeOlderThan;
    std::string bandwidth;
    std::string readRate;
    std::vector<std::string> tags;
    bool oneFileSystem = false;
    bool excludeCaches = false;
    bool excludeNoDump = false;
    std::string host;
    int compression = BackupSettings{}.compressionLevel;
    unsigned workers = 0;
};

// A repository that backed itself up would never come to an end.
void leaveOutOwnFolder(BackupRequest& request, const std::string& folder, const char* what,
                       Reporter& reporter) {
    for (const std::string& path : request.paths) {
        if (isWithin(path, folder)) {
            throw Error(ErrorCode::invalidArgument,
                        printable(path) + " lies in the " + what + " folder itself");
        }
        if (!isWithin(folder, path)) continue;
        request.excludes.push_back(patternOf(folder));
        reporter.note("the " + std::string(what) + " folder " + printable(folder) + " is left out");
        return;
    }
}

BackupRequest requestFor(const BackupOptions& options, Place& place, Reporter& reporter) {
    BackupRequest request;
    request.host = options.host.empty() ? hostName() : options.host;
    for (const std::string& path : options.paths) request.paths.push_back(resolvedPath(path));
    request.excludes = options.excludes;
    for (const std::string& file : options.excludeFiles) {
        const std::vector<std::string> patterns = patternsFrom(file);
        request.excludes.insert(request.excludes.end(), patterns.begin(), patterns.end());
    }
    request.includes = options.includes;
    if (!options.excludeLargerThan.empty()) {
        request.excludeLargerThan = octetCount(options.excludeLargerThan);
    }
    if (!options.excludeOlderThan.empty()) {
        request.excludeOlderThan = words::duration(options.excludeOlderThan);
    }
    request.oneFileSystem = options.oneFileSystem;
    request.excludeCaches = options.excludeCaches;
    request.excludeNoDump = options.excludeNoDump;
    leaveOutOwnFolder(request, place.folder(), "repository", reporter);
    leaveOutOwnFolder(request, place.state().path(), "state", reporter);
    return request;
}

Rates ratesOf(const BackupOptions& options) {
    const auto rate = [](const std::string& text) -> std::optional<BandwidthSchedule> {
        if (text.empty()) return {};
        return BandwidthSchedule::parseFlowing(text);
    };
    return {rate(options.readRate), rate(options.bandwidth)};
}

// What the last backup of the same paths held is a good guess for this one.
std::uint64_t expectedBytes(Repository& repository, const std::optional<SnapshotId>& base) {
    if (!base) return 0;
    try {
        return findSnapshot(repository, base->hex()).statistics.bytes;
    } catch (const Error&) {
        return 0;
    }
}

void print(const Snapshot& snapshot, double seconds, const GlobalOptions& options) {
    const BackupStatistics& numbers = snapshot.statistics;
    if (options.json) {
        Json object = cli::jsonOf(toSnapshotInfo(snapshot, {}, snapshot.agent.hex(),
                                                 std::numeric_limits<std::size_t>::max()),
                                  cli::Origin::host);
        object["seconds"] = seconds;
        printJson(std::cout, object);
        return;
    }
    if (options.quiet) return;
    FactTable facts;
    facts.add("snapshot", snapshot.id.hex());
    facts.add("files", countText(numbers.files) + " (" + countText(numbers.changedFiles) +
                           " new or changed)");
    facts.add("folders", countText(numbers.folders));
    if (numbers.others > 0) facts.add("other entries", countText(numbers.others));
    facts.add("size", sizeText(numbers.bytes));
    facts.add("new data", sizeText(numbers.newBytes));
    facts.add("stored", sizeText(numbers.storedBytes));
    facts.add("time", durationText(seconds) + " (" + rateText(numbers.bytes, seconds) + ")");
    if (numbers.warnings > 0) facts.add("warnings", countText(numbers.warnings));
    facts.print(std::cout);
}

int backup(Context& context, const BackupOptions& options) {
    Reporter reporter(context.options);
    const Rates rates = ratesOf(options);
    const auto place = Place::change(context.options);
    Repository& repository = place->repository();
    if (!repository.kitConfirmed()) {
        throw Error(ErrorCode::conflict,
                    "the recovery kit has not been confirmed: 'recovery-kit export FILE', put the "
                    "file in a safe place, then 'recovery-kit confirm'");
    }
    const BackupRequest request = requestFor(options, *place, reporter);
    const BackupSettings settings{options.compression, options.workers, place->state().cache()};
    const AgentIdentity agent = place->agent();
    const auto base = baseOf(request, settings.cacheFolder, repository.config().repositoryId);
    CollocatedStore collocated(repository, context.cancel);
    FileSystemSource source;
    ShownRun run("backup", reporter, context.options);
    run.progress.totalBytes = expectedBytes(repository, base);
    const auto store = collocated.beginBackup(
        agent, [&](const RepositoryId&) { return base; }, options.tags);
    RateLimits limits(rates, place->clock(), pauseUnless(context.cancel));
    const Snapshot snapshot =
        runBackup(limits.on(source), limits.on(*store), store->keys(), store->chunker(), request,
                  settings, place->clock(), run.progress, run.problems, context.cancel);
    print(snapshot, run.end(), context.options);
    return run.problems.count() > 0 ? exitWarnings : exitSuccess;
}

}  // namespace

void addBackup(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("backup", "Back up files and folders into a new snapshot");
    const auto options = std::make_shared<BackupOptions>();
    verb->add_option("PATH", options->paths, "What to back up: files, folders")->required();
    verb->add_option("--exclude", options->excludes,
                     "Leave out what matches (as in .gitignore); may be repeated")
        ->type_name("PATTERN")
        ->allow_extra_args(false);
    verb->add_option("--exclude-from", options->excludeFiles,
                     "Read patterns from a file, one a line; may be repeated")
        ->type_name("FILE")
        ->allow_extra_args(false);
    verb->add_option("--include", options->includes,
                     "Back up only what matches, and what lies in folders that do; may be repeated")
        ->type_name("PATTERN")
        ->allow_extra_args(false);
    verb->add_option("--exclude-larger-than", options->excludeLargerThan,
                     "Leave out files over this size: 500K, 20M, 4G")
        ->type_name("SIZE");
    verb->add_option("--exclude-older-than", options->excludeOlderThan,
                     "Leave out files that did not change for so long: 12h, 365d")
        ->type_name("TIME");
    verb->add_option("--bandwidth", options->bandwidth,
                     "Octets a second that are written, with K, M or G: 2M; by local time of\n"
                     "day: 08:00-18:00=500K,none")
        ->type_name("RATE");
    verb->add_option("--read-rate", options->readRate,
                     "Octets a second that are read of files, in the same form")
        ->type_name("RATE");
    verb->add_option("--tag", options->tags, "A tag of the snapshot; may be repeated")
        ->type_name("TAG")
        ->allow_extra_args(false);
    verb->add_flag("--one-file-system", options->oneFileSystem,
                   "Do not enter other file systems mounted below a PATH");
    verb->add_flag("--exclude-caches", options->excludeCaches,
                   "Leave out folders marked with a CACHEDIR.TAG");
    verb->add_flag("--exclude-nodump", options->excludeNoDump,
                   "Leave out what is marked 'no dump' (chattr +d)");
    verb->add_option("--host", options->host,
                     "Name kept with the snapshot (default: this machine's)")
        ->type_name("NAME");
    verb->add_option("--compression", options->compression,
                     "zstd level: 1 fast to 19 small (default: 2)")
        ->type_name("LEVEL")
        ->check(CLI::Range(1, 19));
    verb->add_option("--workers", options->workers, "Threads (default: one more than cores)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    verb->footer(
        "A PATH is made absolute and its symbolic links are resolved, as realpath does; links\n"
        "found inside are kept as links. The repository and state folders are always left out.\n"
        "What cannot be read is reported, and the exit code is 3. After a backup was cut short\n"
        "the next one goes on from there.\n\n"
        "Patterns: '*.o' anywhere, '/srv/tmp' that one, 'cache/' folders only, '!keep.o' not after "
        "all.\n\n"
        "Example:\n"
        "  coffer-solo --repo /backup/repo backup /home /etc --exclude '*.tmp' --exclude-caches");
    verb->callback([&context, options] {
        context.job = [&context, options] { return backup(context, *options); };
    });
}

}  // namespace coffer::solo
