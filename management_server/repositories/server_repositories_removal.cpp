// How a repository is removed, kept, deleted and forgotten.
#include "core/base/error.h"
#include "core/service/log.h"
#include "management_server/repositories/locked_snapshots.h"
#include "management_server/repositories/server_repositories.h"

namespace coffer {

namespace {

// For so long behind its time what is away is waited for, whose data are to be deleted: seconds.
constexpr std::int64_t patience = 7 * 86'400;

// What will not be otherwise the next time; the rest is thrown.
std::optional<Error> refusalOf(const std::function<void()>& work) {
    try {
        work();
        return {};
    } catch (const Error& error) {
        switch (error.code()) {
            case ErrorCode::notFound:
            case ErrorCode::wrongKey:
            case ErrorCode::conflict:
            case ErrorCode::corrupt:
            case ErrorCode::untrusted:
            case ErrorCode::unsupported:
                return error;
            default:
                throw;
        }
    }
}

}  // namespace

void ServerRepositories::remove(const std::string& name, const Removal& removal,
                                const std::function<void(SqlDatabase&)>& check) {
    const RepositoryRecord record = changeRecords([&](SqlDatabase& database) {
        RepositoryRecord found = readRepository(database, name);
        requireInService(found);
        check(database);
        RemovalTable(database).enter(name, removal);
        found.removal = removal;
        return found;
    });
    log(LogLevel::warning, "repository.removed",
        {{"repository", name}, {"until", toIso8601(removal.due)}});
    // Behind the database, which counts: the next start does what was cut short here.
    try {
        rememberRemoval(record);
    } catch (const Error& error) {
        log(LogLevel::error, "repository.removal-not-remembered",
            {{"repository", name}, {"message", error.what()}});
    }
}

bool ServerRepositories::keep(const std::string& name,
                              const std::function<void(SqlDatabase&)>& more) {
    get(name);
    const bool kept = changeRecords([&](SqlDatabase& database) {
        const RepositoryRecord found = readRepository(database, name);
        if (!found.removal) return false;
        if (found.removal->begun) {
            throw Error(ErrorCode::notFound, "the repository " + name + " was removed until " +
                                                 toIso8601(found.removal->due) +
                                                 "; that is over, and its keys are being deleted");
        }
        // Before the row: without it the repository is there for good.
        removeIfThere(disk_, removedMarkOf(name));
        RemovalTable(database).withdraw(name);
        more(database);
        return true;
    });
    if (kept) log(LogLevel::info, "repository.kept", {{"repository", name}});
    return kept;
}

// What keeps its data from being deleted, now and later.
std::optional<Error> ServerRepositories::refusalToDelete(const RepositoryRecord& record) const {
    const std::string own = ownFolderOf(record.name);
    const auto refusal = refusalOf([&] {
        RepositoryFolder::requireDeletable(disk_, record.folder, own);
        RepositoryFolder folder(disk_, clock_, record.folder, own);
        // Who had it open when it was removed may have locked some since.
        Repository repository(folder.place(), Repository::Access::read);
        requireNoLocks(repository, clock_.now());
    });
    const bool isAway = refusal && refusal->code() == ErrorCode::notFound && ownFacts(record.name);
    Timestamp last = record.removal->due;
    last.seconds += patience;
    if (isAway && clock_.now() < last) throw *refusal;
    return refusal;
}

RepositoryRecord ServerRepositories::beginToDelete(const std::string& name, bool dataGoes) {
    return changeRecords([&](SqlDatabase& database) {
        RepositoryRecord found = readRepository(database, name);
        if (!found.removal || (!found.removal->begun && found.removal->due > clock_.now())) {
            throw Error(ErrorCode::conflict, name + " is not to be deleted any more");
        }
        if (!found.removal->begun) {
            RemovalTable(database).begin(name, dataGoes && found.removal->deleteData);
        }
        return readRepository(database, name);
    });
}

ServerRepositories::DataFate ServerRepositories::deleteData(const std::string& name,
                                                            const std::function<bool()>& stopping) {
    const RepositoryRecord known = get(name);
    const bool isAsked = known.removal && known.removal->deleteData && !known.removal->begun;
    auto refusal = isAsked ? refusalToDelete(known) : std::nullopt;
    DataFate fate{beginToDelete(name, isAsked && !refusal), false, {}};
    if (fate.record.removal->dataGoes) {
        refusal = refusalOf([&] {
            RepositoryFolder::deleteData(disk_, fate.record.folder, ownFolderOf(name), stopping);
        });
        // It was there when this began: what is not there any more is deleted.
        fate.deleted = !refusal || refusal->code() == ErrorCode::notFound;
    }
    if (refusal && !fate.deleted) fate.problem = refusal->what();
    return fate;
}

void ServerRepositories::forget(const std::string& name,
                                const std::function<void(SqlDatabase&)>& forget) {
    // Without its row it would be entered again by a start, as long as there are keys.
    RepositoryFolder::deleteOwn(disk_, ownFolderOf(name), removedFile);
    changeRecords([&](SqlDatabase& database) {
        RemovalTable(database).forget(name);
        forget(database);
    });
}

}  // namespace coffer
