#include "management_server/check/repository_check.h"

#include "core/base/file_lock.h"
#include "core/base/printable.h"
#include "core/repository/config_format.h"
#include "core/repository/manifest_log.h"
#include "core/repository/owner.h"
#include "core/repository/server_backup.h"
#include "core/repository/server_state.h"
#include "core/repository/sharing.h"
#include "core/storage/local_store.h"

namespace coffer {

namespace {

constexpr std::int64_t toleratedAhead = 60;
constexpr std::int64_t lateAfter = 3'600;
constexpr std::int64_t tooLateAfter = 7 * 86'400;
constexpr const char* notSaved =
    "let the server run, and see 'server.not-saved' in its log: the reason stands there";

struct Looked {
    RepositoryConfig config;
    ServerState state;
};

Looked open(ObjectStore& store, ObjectStore& keys, const std::string& folder) {
    if (!store.size(config_format::configName)) {
        throw Error(ErrorCode::notFound, "there is no repository in " + printable(folder));
    }
    Looked looked{RepositoryConfig::read(store),
                  during("its keys", [&] { return ServerState::load(keys); })};
    checkKeys(looked.state.keys, looked.config);
    if (readOwner(store, looked.config.server).owner != looked.state.owner) {
        throw Error(ErrorCode::conflict, "another server has taken it over");
    }
    return looked;
}

std::string adviceFor(const Error& error) {
    switch (error.code()) {
        case ErrorCode::notFound:
            return "bring the disk or share back to its place (mount it); if keys are missing: " +
                   std::string(restoreAdvice);
        case ErrorCode::conflict:
            return "let the other server be the only one; to have it back here, 'coffer repo "
                   "adopt' "
                   "with the recovery kit on a server that does not know it";
        default:
            return "see docs/disaster-recovery.md; 'coffer verify' names what is damaged";
    }
}

Finding lookAtLock(const std::string& subject, const RepositoryRecord& record,
                   const RepositoryCheckPlace& place) {
    const std::string path = record.folder + "/lock";
    if (place.serverRuns) return {FindingLevel::ok, subject, "held by this server or by nobody"};
    const std::string own = place.state + "/repositories/" + record.name;
    if (FileLock::isHeld(Sharing::lockOf(own, "store"))) {
        return {FindingLevel::ok, subject, "held by the store beside this server"};
    }
    if (!FileLock::isHeld(path)) return {FindingLevel::ok, subject, "held by nobody"};
    return {FindingLevel::warning, subject,
            "another program works on it; its process id stands in " + printable(path),
            "end that program before the server starts"};
}

// Times of a manifest never go back.
Finding lookAtTime(const std::string& subject, ObjectStore& store, const RepositoryConfig& config,
                   Timestamp now) {
    const auto passOver = [](const ManifestRecord&) {};
    const Timestamp last = readManifest(store, config.server, ~std::uint64_t{0}, passOver).time;
    const std::int64_t ahead = last.seconds - now.seconds;
    if (ahead <= toleratedAhead) return {FindingLevel::ok, subject, "not ahead of the clock"};
    return {FindingLevel::warning, subject,
            "the last record is dated " + toIso8601(last) + ", which is " + shownSpan(ahead) +
                " ahead of the clock: that was wrong then, or is now",
            "see whether the clock is right ('timedatectl'). If so, go on: all is safe, but until "
            "that time snapshots get no time of their own and rules of time leave them alone; "
            "forget such by hand ('coffer forget SNAPSHOT')"};
}

Finding lookAtKit(const std::string& subject, const std::string& name, const ServerState& state) {
    if (!state.rootSeed) return {FindingLevel::ok, subject, "confirmed"};
    return {FindingLevel::warning, subject, "it was not confirmed, so no backup begins",
            "coffer repo recovery-kit export FILE --repo " + name +
                ", keep it elsewhere, then coffer repo recovery-kit confirm FILE --repo " + name};
}

Finding lookAtBackup(const std::string& subject, ObjectStore& store, const RepositoryConfig& config,
                     const RepositoryCheckPlace& place) {
    if (!place.wantsBackup) {
        return {FindingLevel::ok, subject, "none is wanted here (self-backup.repositories)"};
    }
    const auto backups = serverBackups(store);
    if (backups.empty()) {
        return {FindingLevel::warning, subject, "the server has not been saved here yet", notSaved};
    }
    const Timestamp time = checkServerBackup(store, backups.back(), config);
    Finding finding{FindingLevel::ok, subject, "made at " + toIso8601(time)};
    const std::int64_t late = place.lastEvent ? place.lastEvent->seconds - time.seconds : 0;
    if (late < lateAfter) return finding;
    finding.level = late < tooLateAfter ? FindingLevel::warning : FindingLevel::error;
    finding.text += ", and things have happened until " + shownSpan(late) + " after that";
    finding.advice = notSaved;
    return finding;
}

}  // namespace

Findings checkRepository(const RepositoryRecord& record, const RepositoryCheckPlace& place) {
    const std::string name = printable(record.name);
    const std::string subject = "repository " + name;
    if (record.removal) {
        return {{FindingLevel::ok, subject, "removed until " + toIso8601(record.removal->due)}};
    }
    Findings findings;
    try {
        if (!place.disk.stat(record.folder)) {
            throw Error(ErrorCode::notFound, "there is no folder " + printable(record.folder));
        }
        LocalStore store(place.disk, record.folder);
        LocalStore keys(place.disk, place.state + "/repositories/" + record.name + "/state");
        const Looked looked = open(store, keys, record.folder);
        findings.push_back(
            {FindingLevel::ok, subject,
             printable(record.folder) + " is there, the keys fit, this server is its owner"});
        const auto add = [&](const std::string& about, const std::string& advice,
                             const auto& work) {
            findings.push_back(foundBy(about, advice, [&] { return work(about); }));
        };
        add("lock of " + name, "see who may use the folder",
            [&](const std::string& about) { return lookAtLock(about, record, place); });
        add("times of " + name, "'coffer verify' names what is damaged",
            [&](const std::string& about) {
                return lookAtTime(about, store, looked.config, place.now);
            });
        add("recovery kit of " + name, "",
            [&](const std::string& about) { return lookAtKit(about, record.name, looked.state); });
        add("server's backup in " + name, notSaved, [&](const std::string& about) {
            return lookAtBackup(about, store, looked.config, place);
        });
    } catch (const Error& error) {
        findings.push_back({FindingLevel::error, subject, error.what(), adviceFor(error)});
    }
    return findings;
}

}  // namespace coffer
