#include "management_server/runs/copy_choice.h"

#include <algorithm>
#include <map>

#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "core/schedule/words.h"
#include "core/snapshot/retention.h"

namespace coffer {

namespace {

std::vector<SnapshotInfo> named(Repository& repository, const std::vector<SnapshotId>& ids) {
    std::vector<SnapshotInfo> found;
    for (const SnapshotId& id : ids) {
        const auto info = repository.ledger().snapshot(id);
        if (!info || !info->isShown()) {
            throw Error(ErrorCode::notFound, "there is no snapshot " + id.hex() + " any more");
        }
        found.push_back(*info);
    }
    return found;
}

// The last of each source, in their order.
std::vector<SnapshotInfo> newest(Repository& repository, const std::vector<SnapshotInfo>& all) {
    std::map<SourceKey, std::size_t> last;
    for (std::size_t i = 0; i < all.size(); ++i) {
        try {
            const Snapshot snapshot = loadSnapshot(repository, all[i]);
            last[SourceKey::of(snapshot.agent, snapshot.paths)] = i;
        } catch (const Error&) {
            // Nobody knows what it is of.
        }
    }
    std::vector<std::size_t> places;
    for (const auto& [source, place] : last) places.push_back(place);
    std::ranges::sort(places);
    std::vector<SnapshotInfo> found;
    for (const std::size_t place : places) found.push_back(all[place]);
    return found;
}

}  // namespace

CopyChoice CopyChoice::of(const RunTexts& options) {
    CopyChoice choice;
    const std::string named = rpc::textIn(options, "snapshots");
    if (!named.empty()) {
        for (const auto id : words::split(named, ',')) choice.named.push_back(snapshotIdOf(id));
    }
    choice.all = rpc::textIn(options, "choose") == "all";
    choice.agent = rpc::textIn(options, "only-agent");
    choice.tag = rpc::textIn(options, "only-tag");
    return choice;
}

std::vector<SnapshotInfo> chosenSnapshots(Repository& repository, const CopyChoice& choice,
                                          const AgentNaming& nameOf) {
    if (!choice.named.empty()) return named(repository, choice.named);
    std::vector<SnapshotInfo> all = repository.ledger().snapshots();
    std::erase_if(all, [&](const SnapshotInfo& info) {
        const std::vector<std::string>& tags = info.mark.tags;
        return !info.isShown() ||
               (!choice.agent.empty() && nameOf(info.registration.agent) != choice.agent) ||
               (!choice.tag.empty() && std::ranges::find(tags, choice.tag) == tags.end());
    });
    return choice.all ? all : newest(repository, all);
}

}  // namespace coffer
