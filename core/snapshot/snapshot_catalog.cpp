#include "core/snapshot/snapshot_catalog.h"

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/repository/server_agent.h"

namespace coffer {

namespace {

constexpr std::size_t shortestName = 4;
constexpr std::size_t longestName = 32;
constexpr const char* latestName = "latest";
constexpr const char* noneYet = "there is no snapshot yet";

std::vector<SnapshotInfo> shownIn(Repository& repository) {
    std::vector<SnapshotInfo> shown = repository.ledger().snapshots();
    std::erase_if(shown, [](const SnapshotInfo& info) { return !info.isShown(); });
    return shown;
}

std::vector<SnapshotInfo> trashOf(Repository& repository) {
    std::vector<SnapshotInfo> trash = repository.ledger().snapshots();
    std::erase_if(trash, [](const SnapshotInfo& info) { return !info.due; });
    return trash;
}

// The one whose id begins so, if there is any.
std::optional<SnapshotInfo> named(const std::vector<SnapshotInfo>& snapshots,
                                  const std::string& name) {
    std::optional<SnapshotInfo> found;
    for (const SnapshotInfo& info : snapshots) {
        if (name.size() < shortestName || !info.registration.id.hex().starts_with(name)) continue;
        if (found) throw Error(ErrorCode::invalidArgument, "several snapshots begin with " + name);
        found = info;
    }
    return found;
}

std::string noSuch(const std::string& name) {
    return "there is no snapshot " + printable(name.substr(0, longestName));
}

// Made by the server: an agent may say of its snapshots what it likes.
bool isCopy(Repository& repository, const Snapshot& snapshot) {
    return snapshot.origin && snapshot.agent == copyAgent(snapshot.origin->agent) &&
           repository.ledger().agentKey(snapshot.agent) == repository.config().server;
}

}  // namespace

Snapshot loadSnapshot(Repository& repository, const SnapshotInfo& info) {
    Snapshot snapshot =
        Snapshot::decodeBody(info.registration.id, repository.snapshotBody(info.registration));
    if (snapshot.root.tree != info.registration.root) {
        throw Error(ErrorCode::untrusted, "snapshot " + info.registration.id.hex() +
                                              ": its root is not the one that was registered");
    }
    snapshot.committed = info.committed;
    snapshot.agent = info.registration.agent;
    snapshot.domain = info.registration.domain;
    if (!isCopy(repository, snapshot)) snapshot.origin.reset();
    return snapshot;
}

std::vector<Snapshot> loadSnapshots(Repository& repository, std::vector<std::string>* unreadable) {
    std::vector<Snapshot> snapshots;
    for (const SnapshotInfo& info : repository.ledger().snapshots()) {
        if (!info.isShown()) continue;
        try {
            snapshots.push_back(loadSnapshot(repository, info));
        } catch (const Error& error) {
            if (!unreadable) throw;
            unreadable->emplace_back(error.what());
        }
    }
    return snapshots;
}

namespace {

std::optional<Snapshot> newestSound(Repository& repository,
                                    std::span<const SnapshotInfo> snapshots) {
    for (auto at = snapshots.rbegin(); at != snapshots.rend(); ++at) {
        try {
            return loadSnapshot(repository, *at);
        } catch (const Error&) {
            // It is no better.
        }
    }
    return {};
}

}  // namespace

Snapshot loadNewest(Repository& repository, std::span<const SnapshotInfo> snapshots) {
    const SnapshotInfo& newest = snapshots.back();
    try {
        return loadSnapshot(repository, newest);
    } catch (const Error& error) {
        const auto sound = newestSound(repository, snapshots.first(snapshots.size() - 1));
        if (!sound) throw;
        throw Error(error.code(),
                    "the newest snapshot cannot be read: " + std::string(error.what()) +
                        ". The newest one that can is " + sound->id.hex() + " of " +
                        toIso8601(sound->committed) + ": name it instead");
    }
}

Snapshot findSnapshot(Repository& repository, const std::string& name) {
    if (name != latestName) return loadSnapshot(repository, findSnapshotInfo(repository, name));
    const std::vector<SnapshotInfo> shown = shownIn(repository);
    if (shown.empty()) throw Error(ErrorCode::notFound, noneYet);
    return loadNewest(repository, shown);
}

SnapshotInfo findSnapshotInfo(Repository& repository, const std::string& name) {
    const std::vector<SnapshotInfo> shown = shownIn(repository);
    if (name == latestName) {
        if (shown.empty()) throw Error(ErrorCode::notFound, noneYet);
        return shown.back();
    }
    if (const auto found = named(shown, name)) return *found;
    const auto forgotten = named(trashOf(repository), name);
    throw Error(ErrorCode::notFound, forgotten
                                         ? "snapshot " + forgotten->registration.id.hex() +
                                               " is forgotten; that can be taken back until " +
                                               toIso8601(*forgotten->due)
                                         : noSuch(name));
}

SnapshotInfo findAnyInfo(Repository& repository, const std::string& name) {
    if (name == latestName) return findSnapshotInfo(repository, name);
    std::vector<SnapshotInfo> known = repository.ledger().snapshots();
    std::erase_if(known, [](const SnapshotInfo& info) { return info.registration.hidden; });
    if (const auto found = named(known, name)) return *found;
    throw Error(ErrorCode::notFound, noSuch(name));
}

SnapshotInfo findForgottenInfo(Repository& repository, const std::string& name) {
    if (const auto found = named(trashOf(repository), name)) return *found;
    throw Error(ErrorCode::notFound, noSuch(name) + " that is forgotten and still there");
}

}  // namespace coffer
