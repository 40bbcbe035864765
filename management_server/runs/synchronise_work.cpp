#include "management_server/runs/synchronise_work.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/pause.h"
#include "core/repository/sqlite_file.h"
#include "core/rpc/convert.h"
#include "core/storage/throttle.h"
#include "core/sync/sync_job.h"
#include "management_server/runs/sync_choice.h"

namespace coffer {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t mostFiles = 1'000;  // pairs of folders that are remembered

// Room for another one: what was used longest ago goes, unless it is in use.
void makeRoom(const std::string& folder) {
    std::error_code told;  // by who opens the file
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    for (const auto& entry : fs::directory_iterator(folder, told)) {
        if (entry.path().extension() != ".db") continue;
        if (fs::exists(entry.path().string() + "-wal", told)) continue;
        files.emplace_back(entry.last_write_time(told), entry.path());
    }
    if (files.size() < mostFiles) return;
    std::ranges::sort(files);
    files.resize(files.size() - mostFiles + 1);
    for (const auto& [time, file] : files) removeDatabaseFile(file.string());
}

std::string storeFile(const std::string& folder, const std::string& pair) {
    constexpr std::size_t digits = 32;
    std::error_code told;  // by who opens the file
    fs::create_directory(folder, told);
    fs::permissions(folder, fs::perms::owner_all, told);
    std::string file = folder + "/" + sha256(bytesOf(pair)).hex().substr(0, digits) + ".db";
    if (!fs::exists(file, told)) makeRoom(folder);
    return file;
}

RunTexts textsOf(const SyncCounts& counts, std::uint64_t problems) {
    return {{"files", std::to_string(counts.files)},
            {"links", std::to_string(counts.links)},
            {"folders", std::to_string(counts.folders)},
            {"bytes", std::to_string(counts.bytes)},
            {"adjusted", std::to_string(counts.adjusted)},
            {"removed", std::to_string(counts.removed)},
            {"conflicts", std::to_string(counts.conflicts)},
            {"kept-items", std::to_string(counts.same)},
            {"problems", std::to_string(problems)}};
}

ServerVerdict verdictOf(const SyncCounts& counts, std::uint64_t problems) {
    ServerVerdict verdict;
    verdict.counts = textsOf(counts, problems);
    verdict.outcome = problems > 0 ? RunOutcome::warnings : RunOutcome::succeeded;
    if (counts.conflicts > 0) {
        verdict.message = std::to_string(counts.conflicts) +
                          " had changed on both sides: the log of the run names them";
    }
    if (problems > 0) {
        verdict.message += (verdict.message.empty() ? "" : "; ") + std::to_string(problems) +
                           " entries could not be synchronised";
    }
    return verdict;
}

// Nobody else works on these folders meanwhile: the queue of runs sees to that.
ServerVerdict run(const FreeTask& task, const SynchroniseParts& parts) {
    const SyncChoice choice = SyncChoice::of(task.run);
    const bool goesOn = task.run.stand.attempt > 1;
    const auto source = parts.tree(choice.source.agent, task.cancel, goesOn);
    const bool oneTree = choice.source.agent == choice.target.agent;
    const auto other = oneTree ? nullptr : parts.tree(choice.target.agent, task.cancel, goesOn);
    SyncPair pair{{*source, choice.source.path, choice.source.agent},
                  {oneTree ? *source : *other, choice.target.path, choice.target.agent}};
    const std::string known = choice.pair(parts.idOf);
    SyncStore store(storeFile(parts.folder, known), known);
    Throttle throttle(BandwidthSchedule::parse(rpc::textIn(task.run.options, "limit", "none")),
                      parts.clock, pauseUnless(task.cancel));
    const SyncCounts counts =
        synchronise({pair, oneTree, store, [&](std::uint64_t octets) { throttle.take(octets); },
                     [&](const SyncNote& note) {
                         task.note({note.object, note.code, note.message});
                     },
                     parts.clock, task.progress, task.problems, task.cancel},
                    choice.settings);
    return verdictOf(counts, task.problems.count());
}

}  // namespace

FreeWork synchroniseWork(SynchroniseParts parts) {
    return [parts = std::move(parts)](const FreeTask& task) { return run(task, parts); };
}

}  // namespace coffer
