#include "management_server/snapshots/snapshot_shelf.h"

#include "core/base/error.h"

namespace coffer {

namespace {

std::size_t octetsOf(const Snapshot& snapshot) {
    std::size_t octets = sizeof snapshot + 128;
    for (const std::string& path : snapshot.paths) octets += sizeof path + path.size();
    for (const std::string& pattern : snapshot.excludes) octets += sizeof pattern + pattern.size();
    for (const std::string& filter : snapshot.filters) octets += sizeof filter + filter.size();
    return octets;
}

// The whole id, which needs no list of all snapshots.
std::optional<SnapshotId> wholeId(const std::string& name) {
    if (name.size() != 2 * sizeof(SnapshotId::bytes)) return {};
    try {
        return SnapshotId::from(fromHex(name));
    } catch (const Error&) {
        return {};
    }
}

}  // namespace

std::shared_ptr<const Snapshot> SnapshotShelf::load(Repository& repository,
                                                    const SnapshotInfo& info) {
    const SnapshotId& id = info.registration.id;
    const auto kept = state_.with([&](State& state) -> std::shared_ptr<const Snapshot> {
        const auto found = state.byId.find(id);
        if (found == state.byId.end()) return {};
        state.newestFirst.splice(state.newestFirst.begin(), state.newestFirst, found->second);
        return found->second->snapshot;
    });
    // The same id might stand in another repository for something else.
    if (kept && kept->root.tree == info.registration.root &&
        kept->agent == info.registration.agent && kept->committed == info.committed) {
        return kept;
    }
    const auto loaded = std::make_shared<const Snapshot>(loadSnapshot(repository, info));
    if (kept) return loaded;
    const std::size_t octets = octetsOf(*loaded);
    state_.with([&](State& state) {
        if (state.byId.contains(id)) return;
        state.newestFirst.push_front({id, loaded, octets});
        state.byId.emplace(id, state.newestFirst.begin());
        state.octets += octets;
        while (state.octets > limit_ && state.newestFirst.size() > 1) {
            state.octets -= state.newestFirst.back().octets;
            state.byId.erase(state.newestFirst.back().id);
            state.newestFirst.pop_back();
        }
    });
    return loaded;
}

std::shared_ptr<const Snapshot> SnapshotShelf::find(Repository& repository,
                                                    const std::string& name) {
    if (const auto id = wholeId(name)) {
        const auto info = repository.ledger().snapshot(*id);
        if (info && info->isShown()) return load(repository, *info);
    }
    return load(repository, findSnapshotInfo(repository, name));
}

}  // namespace coffer
