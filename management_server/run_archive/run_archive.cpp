#include "management_server/run_archive/run_archive.h"

#include <algorithm>
#include <iterator>

#include "core/base/error.h"
#include "core/repository/run_object.h"
#include "core/service/log.h"
#include "management_server/database/columns.h"
#include "management_server/runs/run_table.h"

namespace coffer {

namespace {

constexpr std::size_t mostOfRound = 500;
constexpr std::int64_t mayBeUnwritten = 600;  // seconds before a crash
constexpr std::uint64_t highestNumber = 1ULL << 62;
constexpr std::uint32_t pageSize = 1'000;
constexpr std::size_t mostEntries = 20'000;

// By repository, newest first and `kept` at most.
std::map<std::string, EndedRuns> endedRuns(SqlDatabase& database, std::uint64_t kept) {
    SqlStatement row = database.prepare(
        "SELECT repository, number, ordered, ended FROM runs WHERE ended>0 ORDER BY number DESC");
    std::map<std::string, EndedRuns> found;
    while (row.step()) {
        EndedRuns& runs = found[textAt(row, 0)];
        if (runs.size() == kept) continue;
        runs.push_back({static_cast<std::uint64_t>(row.integer(1)),
                        timeAt(row, 2).value_or(Timestamp{}),
                        timeAt(row, 3).value_or(Timestamp{})});
    }
    return found;
}

// The end of a log says what has become of the run.
void leaveOutOldest(KeptRun& run) {
    if (run.entries.size() <= mostEntries) return;
    const std::size_t surplus = run.entries.size() - mostEntries;
    run.entries.erase(run.entries.begin(),
                      run.entries.begin() + static_cast<std::ptrdiff_t>(surplus));
    run.leftOut += surplus;
}

KeptRun collect(SqlDatabase& database, std::int64_t number) {
    const std::optional<RunRecord> run = RunTable(database).find(number);
    if (!run) throw Error(ErrorCode::notFound, "the run is gone");
    KeptRun kept{run->ordered,
                 run->ended.value_or(Timestamp{}),
                 shownRun(*run) + ", ordered by " + (run->user.empty() ? "a task" : run->user) +
                     ": " + std::string(nameOf(run->stand.state)),
                 0,
                 {}};
    RunLogTable table(database);
    RunLogPage page;
    do {
        page = table.read(number, {}, page.position, pageSize);
        std::ranges::move(page.entries, std::back_inserter(kept.entries));
        leaveOutOldest(kept);
    } while (page.more);
    return kept;
}

// A former server has given the same number. Its log stays.
bool isOfAnother(Repository& repository, const EndedRun& run) {
    try {
        return decodeKeptRun(
                   readRun(repository.store(), repository.config(), repository.keys(), run.number),
                   static_cast<std::int64_t>(run.number))
                   .ordered != run.ordered;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::ioError) throw;
        return false;  // damaged: this one is better
    }
}

RunLogPage pageOf(const KeptRun& run, std::int64_t number, const RunLogFilter& filter,
                  std::uint64_t after, std::uint32_t atMost) {
    std::vector<RunLogEntry> all;
    std::string summary = run.summary;
    if (run.leftOut > 0) summary += "; " + std::to_string(run.leftOut) + " entries are not kept";
    all.push_back({1, number, run.ordered, LogLevel::info, "run-kept", {}, summary});
    all.insert(all.end(), run.entries.begin(), run.entries.end());
    RunLogPage page;
    page.position = after;
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].number = i + 1;  // those of server.db mean nothing any more
        if (all[i].number <= after) continue;
        if (page.entries.size() == atMost) {
            page.more = true;
            break;
        }
        page.position = all[i].number;
        if (filter.matches(all[i])) page.entries.push_back(std::move(all[i]));
    }
    return page;
}

}  // namespace

RunArchive::RunArchive(const Parts& parts)
    : parts_(parts),
      kept_(parts.kept),
      began_(parts.clock.now()),
      // What goes wrong outside of a repository, as in reading their list, is tried again as well.
      background_([this] { round(); },
                  [](const std::exception& error) {
                      log(LogLevel::error, "run.log-not-kept", {{"message", error.what()}});
                  }) {}

void RunArchive::start() {
    look();  // before new runs get numbers
    background_.start();
}

void RunArchive::round() {
    there_.with([&](std::map<std::string, There>& there) {
        const std::uint64_t changes = parts_.database.changes();
        if (changes == seen_) return;
        // By a connection of its own: this thread lets others go first, and whoever waits for the
        // server's would wait for it.
        SqlDatabase database(parts_.databasePath, true);
        const std::map<std::string, EndedRuns> ended = endedRuns(database, kept_);
        bool whole = true;
        for (const RepositoryRecord& record : parts_.repositories.inService()) {
            if (background_.isStopping()) {  // stop() does the rest
                whole = false;
                break;
            }
            try {
                const auto runs = ended.find(record.name);
                whole = keepRunsOf(record.name, database,
                                   runs == ended.end() ? EndedRuns{} : runs->second,
                                   there[record.name]) &&
                        whole;
            } catch (const std::exception& error) {
                whole = false;
                log(LogLevel::warning, "run.log-not-kept",
                    {{"repository", record.name}, {"message", error.what()}});
            }
        }
        if (whole) seen_ = changes;
    });
}

void RunArchive::forget(const std::string& repository) {
    there_.with([&](std::map<std::string, There>& there) { there.erase(repository); });
}

bool RunArchive::keepRunsOf(const std::string& name, SqlDatabase& database, const EndedRuns& ended,
                            There& there) {
    const auto repository = parts_.repositories.open(name);
    if (there.empty()) {
        there = whatIsIn(*repository);
        goOnBehind(*repository, there);
    }
    ObjectStore& store = repository->store();
    std::size_t written = 0;
    for (const EndedRun& run : ended) {
        const auto known = there.find(run.number);
        if (known != there.end()) {
            // Of one that was there before a crash may have come between the run and its log.
            const bool same = known->second ? *known->second == run.ended
                                            : run.ended.seconds < began_.seconds - mayBeUnwritten ||
                                                  isOfAnother(*repository, run);
            if (same) continue;
        }
        if (background_.isStopping()) return false;
        if (written == 0) repository->checkOwner();
        if (++written > mostOfRound) return false;
        const Bytes content =
            encodeKeptRun(collect(database, static_cast<std::int64_t>(run.number)));
        store.put(runObjectName(run.number),
                  sealRun(repository->config(), repository->keys().sign, run.number, content));
        there[run.number] = run.ended;
    }
    while (there.size() > kept_) {
        removeIfThere(store, runObjectName(there.begin()->first));
        there.erase(there.begin());
    }
    return true;
}

RunArchive::There RunArchive::whatIsIn(Repository& repository) const {
    There there;
    for (const std::uint64_t number : keptRuns(repository.store())) {
        there.emplace(number, std::nullopt);
    }
    return there;
}

// A number that a former server has given is not given again.
void RunArchive::goOnBehind(Repository& repository, const There& there) const {
    for (auto at = there.rbegin(); at != there.rend(); ++at) {
        try {
            if (at->first >= highestNumber) continue;
            readRun(repository.store(), repository.config(), repository.keys(), at->first);
            parts_.database.change([&](SqlDatabase& db) {
                RunTable(db).passOver(static_cast<std::int64_t>(at->first));
            });
            return;
        } catch (const Error& error) {
            // Damaged, or nobody's: the one before counts.
            log(LogLevel::warning, "run.log-damaged", {{"message", error.what()}});
        }
    }
}

RunLogPage RunArchive::logOf(std::int64_t run, const RunLogFilter& filter, std::uint64_t after,
                             std::uint32_t atMost) const {
    filter.check();
    if (atMost == 0 || atMost > pageSize) {
        throw Error(ErrorCode::invalidArgument, "between 1 and 1,000 entries at a time");
    }
    const Error unknown(ErrorCode::notFound, "there is no run " + std::to_string(run));
    if (run <= 0) throw unknown;
    const auto number = static_cast<std::uint64_t>(run);
    std::optional<Error> first;  // a repository that is away or damaged hides no other
    for (const RepositoryRecord& record : parts_.repositories.inService()) {
        try {
            const auto repository = parts_.repositories.open(record.name);
            if (!repository->store().size(runObjectName(number))) continue;
            const KeptRun kept = decodeKeptRun(
                readRun(repository->store(), repository->config(), repository->keys(), number),
                run);
            return pageOf(kept, run, filter, after, atMost);
        } catch (const Error& error) {
            if (!first) first = error;
        }
    }
    throw first.value_or(unknown);
}

}  // namespace coffer
