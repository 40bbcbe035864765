#include "management_server/runs/copy_choice.h"

#include <algorithm>
#include <map>

#include "core/base/error.h"
#include "core/snapshot/retention.h"

namespace coffer {

namespace {

std::string optionIn(const RunTexts& options, const char* name) {
    const auto found = options.find(name);
    return found == options.end() ? std::string() : found->second;
}

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
    const std::string named = optionIn(options, "snapshots");
    for (std::size_t at = 0; at < named.size();) {
        const std::size_t end = std::min(named.find(',', at), named.size());
        choice.named.push_back(snapshotIdOf(std::string_view(named).substr(at, end - at)));
        at = end + 1;
    }
    choice.all = optionIn(options, "choose") == "all";
    choice.agent = optionIn(options, "only-agent");
    choice.tag = optionIn(options, "only-tag");
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
