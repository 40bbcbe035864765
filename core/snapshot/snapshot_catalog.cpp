#include "core/snapshot/snapshot_catalog.h"

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t shortestName = 4;
constexpr std::size_t longestName = 32;

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
    return snapshot;
}

std::vector<Snapshot> loadSnapshots(Repository& repository, std::vector<std::string>* unreadable) {
    std::vector<Snapshot> snapshots;
    for (const SnapshotInfo& info : repository.ledger().snapshots()) {
        if (info.registration.hidden) continue;
        try {
            snapshots.push_back(loadSnapshot(repository, info));
        } catch (const Error& error) {
            if (!unreadable) throw;
            unreadable->emplace_back(error.what());
        }
    }
    return snapshots;
}

Snapshot findSnapshot(Repository& repository, const std::string& name) {
    return loadSnapshot(repository, findSnapshotInfo(repository, name));
}

SnapshotInfo findSnapshotInfo(Repository& repository, const std::string& name) {
    std::vector<SnapshotInfo> found;
    for (const SnapshotInfo& info : repository.ledger().snapshots()) {
        if (info.registration.hidden) continue;
        if (name == "latest") {
            found.assign(1, info);
        } else if (name.size() >= shortestName && info.registration.id.hex().starts_with(name)) {
            found.push_back(info);
        }
    }
    if (found.empty()) {
        throw Error(ErrorCode::notFound,
                    name == "latest"
                        ? "there is no snapshot yet"
                        : "there is no snapshot " + printable(name.substr(0, longestName)));
    }
    if (found.size() > 1) {
        throw Error(ErrorCode::invalidArgument, "several snapshots begin with " + name);
    }
    return found.front();
}

}  // namespace coffer
