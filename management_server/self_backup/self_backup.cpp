#include "management_server/self_backup/self_backup.h"

#include <algorithm>
#include <limits>

#include "core/base/error.h"
#include "core/repository/server_backup.h"
#include "core/service/log.h"
#include "management_server/database/columns.h"
#include "management_server/self_backup/database_copy.h"

namespace coffer {

namespace {

constexpr std::int64_t restPerWork = 99;  // so much longer it rests than it has worked
constexpr std::int64_t longestRest = 86'400;
constexpr std::uint64_t reserve = 64 << 20;  // is left to the backups of others

void requireRoom(ObjectStore& store, std::uint64_t needed) {
    const auto free = store.freeSpace();
    if (!free || *free >= needed + reserve) return;
    throw Error(ErrorCode::noSpace, "the repository's disk has " + std::to_string(*free >> 20) +
                                        " MiB left, too little for the server's backup");
}

std::uint64_t nextNumber(const std::vector<ServerBackupInfo>& there) {
    if (there.empty()) return 1;
    if (there.back().number == std::numeric_limits<std::uint64_t>::max()) {
        throw Error(ErrorCode::conflict,
                    there.back().name + " is none of this server's: remove it");
    }
    return there.back().number + 1;
}

// The number of the first backup there that is this server's, now that it writes `next`. Those
// below are of a server before it, and may be all that is left of that one.
std::uint64_t firstOwn(ServerDatabase& database, const std::string& repository,
                       std::uint64_t next) {
    const auto known = database.read([&](SqlDatabase& db) -> std::optional<std::uint64_t> {
        SqlStatement row = db.prepare("SELECT first FROM self_backups WHERE repository=?");
        bindText(row, 1, repository);
        if (!row.step()) return {};
        return static_cast<std::uint64_t>(row.integer(0));
    });
    if (known && *known <= next) return *known;
    database.note([&](SqlDatabase& db) {
        SqlStatement insert =
            db.prepare("INSERT OR REPLACE INTO self_backups(repository, first) VALUES(?, ?)");
        bindText(insert, 1, repository);
        insert.bind(2, static_cast<std::int64_t>(next));
        insert.run();
    });
    return next;
}

}  // namespace

bool SelfBackup::Settings::wants(const std::string& repository) const {
    return repositories.empty() ||
           std::ranges::find(repositories, repository) != repositories.end();
}

SelfBackup::SelfBackup(Parts parts, Settings settings)
    : parts_(std::move(parts)),
      settings_(std::move(settings)),
      afterSeconds_(settings_.afterSeconds),
      kept_(settings_.kept),
      // What goes wrong outside of a repository, as in reading their list, is tried again as well.
      background_([this] { saveIfDue(); },
                  [](const std::exception& error) {
                      log(LogLevel::error, "server.not-saved", {{"message", error.what()}});
                  }) {}

void SelfBackup::forgetRepository(SqlDatabase& database, const std::string& repository) {
    SqlStatement drop = database.prepare("DELETE FROM self_backups WHERE repository=?");
    bindText(drop, 1, repository);
    drop.run();
}

void SelfBackup::look() {
    if (isDue()) background_.ask();
}

void SelfBackup::stop() {
    background_.stop([this] {
        if (!unsaved(parts_.database.changes()).empty()) save();
    });
}

bool SelfBackup::saveIfDue() {
    if (!isDue()) return false;
    save();
    return true;
}

bool SelfBackup::isDue() {
    const bool behind = !unsaved(parts_.database.changes()).empty();
    const Timestamp now = parts_.clock.now();
    return state_.with([&](State& state) {
        if (!behind) {
            state.behindSince.reset();
            return false;
        }
        // A clock that was set back begins anew.
        if (!state.behindSince || now < *state.behindSince) state.behindSince = now;
        const bool rested = now < state.ended || now.seconds - state.ended.seconds >= state.pause;
        return rested && now.seconds - state.behindSince->seconds >= afterSeconds_;
    });
}

std::vector<RepositoryRecord> SelfBackup::unsaved(std::uint64_t changes) const {
    std::vector<RepositoryRecord> records = parts_.repositories.inService();
    state_.with([&](const State& state) {
        std::erase_if(records, [&](const RepositoryRecord& record) {
            const auto saved = state.saved.find(record.name);
            const bool has = saved != state.saved.end() && saved->second == changes;
            return has || !settings_.wants(record.name);
        });
    });
    return records;
}

void SelfBackup::save() {
    const Timestamp begun = parts_.clock.now();
    std::int64_t failing = 0;  // seconds; waiting for a disk that is away is no work
    const std::uint64_t changes = parts_.database.changes();
    const std::vector<RepositoryRecord> records = unsaved(changes);
    const auto tryEach = [&](const auto& work) {
        for (const RepositoryRecord& record : records) {
            if (background_.isStopping()) return;  // stop() saves into the rest
            const std::int64_t before = parts_.clock.now().seconds;
            try {
                work(record);
                succeeded(record.name, changes);
            } catch (const std::exception& error) {
                failing += parts_.clock.now().seconds - before;
                failed(record.name, error.what());
            }
        }
    };
    try {
        const DatabaseCopy copy(parts_.disk, parts_.databasePath);
        const std::vector<OwnFile> files = parts_.files();
        tryEach([&](const RepositoryRecord& record) { saveInto(record, copy.path(), files); });
    } catch (const std::exception& error) {
        const std::string why = error.what();
        tryEach([&](const RepositoryRecord&) { throw Error(ErrorCode::ioError, why); });
    }
    const Timestamp now = parts_.clock.now();
    state_.with([&](State& state) {
        state.behindSince.reset();
        state.ended = now;
        state.pause = std::clamp<std::int64_t>(
            (now.seconds - begun.seconds - failing) * restPerWork, 0, longestRest);
    });
}

void SelfBackup::saveInto(const RepositoryRecord& record, const std::string& copy,
                          const std::vector<OwnFile>& files) {
    const auto repository = parts_.repositories.open(record.name);
    repository->checkOwner();
    ObjectStore& store = repository->store();
    const auto database = parts_.disk.open(copy);
    requireRoom(store, parts_.disk.stat(copy).value_or(DiskEntry{}).size);
    std::vector<ServerBackupInfo> there = serverBackups(store);
    const std::uint64_t number = nextNumber(there);
    const std::uint64_t first = firstOwn(parts_.database, record.name, number);
    ServerBackupWriter writer(store, repository->config(), repository->keys().sign, number,
                              parts_.clock.now());
    writer.append(repositoryFile, bytesOf(record.name));
    for (const OwnFile& file : files) writer.append(file.name, bytesOf(file.content));
    Bytes octets(1 << 20);
    for (std::uint64_t at = 0;;) {
        const std::size_t got = database->read(at, octets);
        if (got == 0) break;
        writer.append(databaseFile, ByteView(octets).first(got));
        at += got;
    }
    writer.commit();
    std::erase_if(there, [&](const ServerBackupInfo& backup) { return backup.number < first; });
    for (std::size_t i = 0; i + kept_ < there.size() + 1; ++i) {
        removeIfThere(store, there[i].name);
    }
    log(LogLevel::info, "server.saved",
        {{"repository", record.name},
         {"number", std::to_string(number)},
         {"bytes", std::to_string(writer.size())}});
}

void SelfBackup::succeeded(const std::string& repository, std::uint64_t changes) {
    const bool again = state_.with([&](State& state) {
        state.saved[repository] = changes;
        return state.failing.erase(repository) > 0;
    });
    if (!again) return;
    parts_.events.add("server-saved", repository,
                      "the server's own backup is written to " + repository + " again");
}

void SelfBackup::failed(const std::string& repository, const std::string& why) {
    log(LogLevel::warning, "server.not-saved", {{"repository", repository}, {"message", why}});
    const bool first =
        state_.with([&](State& state) { return state.failing.insert(repository).second; });
    if (!first) return;
    parts_.events.add("server-not-saved", repository,
                      "the server's own backup could not be written to " + repository + ": " + why);
}

}  // namespace coffer
