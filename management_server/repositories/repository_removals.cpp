#include "management_server/repositories/repository_removals.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/service/log.h"
#include "management_server/repositories/locked_snapshots.h"

namespace coffer {

namespace {

constexpr std::size_t namedTasks = 5;

std::string named(const std::vector<std::string>& tasks) {
    std::string text;
    for (std::size_t i = 0; i < tasks.size() && i < namedTasks; ++i) {
        text += (i > 0 ? ", " : "") + printable(tasks[i]);
    }
    if (tasks.size() > namedTasks) {
        text += " and " + std::to_string(tasks.size() - namedTasks) + " more";
    }
    return text;
}

void logFailure(const std::string& repository, const char* message) {
    log(LogLevel::error, "repository.not-deleted",
        {{"repository", repository}, {"message", message}});
}

const char* fateOfData(bool deleted) {
    return deleted ? "deleted" : "stays";
}

}  // namespace

RepositoryRemovals::RepositoryRemovals(Parts parts)
    : parts_(std::move(parts)),
      background_([this] { deleteDue(); },
                  [](const std::exception& error) { logFailure("", error.what()); }) {}

void RepositoryRemovals::look() {
    if (!due().empty()) background_.ask();
}

void RepositoryRemovals::require(const std::string& repository, const RemovalOrder& order) const {
    requireInService(parts_.repositories.get(repository));
    const auto own = parts_.repositories.ownFacts(repository);
    if (!order.deleteData && own && !own->kitConfirmed) {
        throw Error(ErrorCode::conflict,
                    "its recovery kit was never confirmed: without the server's keys nobody could "
                    "ever read it again. Keep the kit and confirm it first");
    }
    parts_.repositories.inspect(
        [&](SqlDatabase& database) { parts_.requireNoRun(database, repository); });
    if (order.deleteData) requireUnlocked(repository, own && own->kitConfirmed);
    const std::vector<std::string> tasks = parts_.tasks(repository);
    if (!order.despiteTasks && !tasks.empty()) {
        throw Error(ErrorCode::conflict, "tasks name it: " + named(tasks) +
                                             ". Change or disable them first; or it is removed "
                                             "despite of them, and they fail");
    }
}

// What cannot be opened may hold what is locked, unless nothing was ever stored in it: backups want
// a confirmed kit.
void RepositoryRemovals::requireUnlocked(const std::string& repository, bool kitConfirmed) const {
    std::shared_ptr<Repository> opened;
    try {
        opened = parts_.repositories.open(repository);
    } catch (const Error& error) {
        if (!kitConfirmed && error.code() == ErrorCode::notFound) return;
        throw;
    }
    requireNoLocks(*opened, parts_.clock.now());
}

Timestamp RepositoryRemovals::remove(const std::string& user, const std::string& repository,
                                     const RemovalOrder& order) {
    require(repository, order);
    const std::string folder = printable(parts_.repositories.get(repository).folder);
    const Timestamp now = parts_.clock.now();
    Removal removal{now, now, user, order.deleteData};
    removal.due.seconds += parts_.graceSeconds;
    parts_.repositories.remove(repository, removal, [&](SqlDatabase& database) {
        parts_.requireNoRun(database, repository);
        parts_.endRequests(database, repository);
    });
    parts_.events.add("repository-removed", repository,
                      "the repository " + repository + " is removed until " +
                          toIso8601(removal.due) + "; then the server deletes its keys" +
                          (order.deleteData ? " and all its data in " + folder : "") +
                          ". 'coffer repo keep " + repository + "' takes it back",
                      {{"user", user},
                       {"until", toIso8601(removal.due)},
                       {"folder", folder},
                       {"data", order.deleteData ? "will be deleted" : "stays"}});
    look();
    return removal.due;
}

void RepositoryRemovals::keep(const std::string& user, const std::string& repository) {
    const bool kept = parts_.repositories.keep(
        repository, [&](SqlDatabase& database) { parts_.endRequests(database, repository); });
    if (!kept) return;
    parts_.events.add("repository-kept", repository, "the repository " + repository + " stays",
                      {{"user", user}});
    parts_.repositories.changed(repository);
}

std::vector<RepositoryRecord> RepositoryRemovals::due() {
    const Timestamp now = parts_.clock.now();
    const bool couldBeKept = steady_.couldAct(now, parts_.graceSeconds);
    std::vector<RepositoryRecord> records = parts_.repositories.list();
    std::erase_if(records, [&](const RepositoryRecord& record) {
        if (!record.removal) return true;
        return !record.removal->begun && (record.removal->due > now || !couldBeKept);
    });
    return records;
}

void RepositoryRemovals::deleteDue() {
    waiting_ = false;
    for (const RepositoryRecord& record : due()) {
        if (background_.isStopping()) return;
        try {
            deleteOne(record.name);
        } catch (const std::exception& error) {
            if (background_.isStopping()) return;
            // One that cannot be deleted must not keep the others; it is tried again.
            logFailure(record.name, error.what());
        }
    }
}

void RepositoryRemovals::deleteOne(const std::string& name) {
    if (!parts_.repositories.close(name)) {
        waiting_ = true;
        log(LogLevel::info, "repository.still-read", {{"repository", name}});
        return;
    }
    const auto [record, deleted, problem] =
        parts_.repositories.deleteData(name, [this] { return background_.isStopping(); });
    const Change change{
        "repository-gone", name, {{"folder", record.folder}}, {{"data", fateOfData(deleted)}}};
    parts_.repositories.forget(name, [&](SqlDatabase& database) {
        parts_.endRequests(database, name);
        parts_.forget(database, name);
        parts_.audit.add(database, "coffer-server", change);
    });
    parts_.gone(name);
    tellGone(record, deleted, problem);
}

void RepositoryRemovals::tellGone(const RepositoryRecord& record, bool deleted,
                                  const std::string& problem) {
    log(LogLevel::warning, "repository.gone",
        {{"repository", record.name}, {"folder", record.folder}, {"problem", problem}});
    const std::string folder = printable(record.folder);
    const std::string data =
        deleted ? "what lay in " + folder + " is deleted"
                : "what lies in " + folder + " stays" + (problem.empty() ? "" : ": " + problem);
    parts_.events.add(
        "repository-gone", record.name,
        "the server has forgotten the repository " + record.name + " with its keys; " + data,
        {{"folder", folder}, {"data", fateOfData(deleted)}, {"problem", problem}});
}

}  // namespace coffer
