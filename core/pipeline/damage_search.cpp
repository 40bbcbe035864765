#include "core/pipeline/damage_search.h"

#include <algorithm>
#include <optional>
#include <ranges>
#include <unordered_map>

#include "core/base/error.h"
#include "core/pipeline/pack_check.h"
#include "core/pipeline/selection.h"
#include "core/snapshot/folder_parts.h"
#include "core/snapshot/snapshot.h"
#include "core/snapshot/snapshot_reader.h"

namespace coffer {

namespace {

constexpr std::size_t mostRemembered = 100'000;  // folders
constexpr std::size_t mostNamed = 5;             // snapshots in a message

/// A folder in which, or below which, something was lost.
struct Folder {
    std::string path;
    ChunkId tree;
};

/// What was found in one folder, to be told of every snapshot that has it.
struct Findings {
    std::vector<std::size_t> entries;  // numbers in the report
    std::vector<Folder> below;
};

class DamageSearch {
  public:
    DamageSearch(Repository& repository, const SoundPlaces& sound, const ChunkSet& incomplete,
                 const CancelToken& cancel)
        : repository_(repository), sound_(sound), incomplete_(incomplete), cancel_(cancel) {}

    DamageReport run(const std::vector<SnapshotInfo>& snapshots) {
        for (const SnapshotInfo& info : snapshots | std::views::reverse) {
            cancel_.check();
            lookInto(info);
        }
        return std::move(report_);
    }

  private:
    void lookInto(const SnapshotInfo& info) {
        const SnapshotRegistration& it = info.registration;
        const std::size_t touchedBefore = touched_;
        std::vector<Folder> open;
        tell(rootOf(it), it.id, open);
        SnapshotReader reader(repository_, it.domain);
        while (!open.empty()) {
            cancel_.check();
            const Folder folder = std::move(open.back());
            open.pop_back();
            tell(findingsOf(reader.chunks(), folder), it.id, open);
        }
        if (touched_ != touchedBefore) report_.snapshots.push_back(it.id);
    }

    Findings rootOf(const SnapshotRegistration& it) {
        Findings found;
        try {
            consider(found, "/", Snapshot::decodeBody(it.id, repository_.snapshotBody(it)).root);
        } catch (const Error& error) {
            if (error.endsRun()) throw;
            found.entries.push_back(enter("/", true, 0));
        }
        return found;
    }

    void tell(const Findings& found, const SnapshotId& snapshot, std::vector<Folder>& open) {
        for (const std::size_t number : found.entries) {
            ++touched_;
            if (number >= report_.entries.size()) continue;
            TouchedEntry& entry = report_.entries[number];
            if (!entry.snapshots.empty() && last_[number] == snapshot) continue;
            last_[number] = snapshot;
            ++entry.snapshotCount;
            if (entry.snapshots.size() < mostTouchedSnapshots) entry.snapshots.push_back(snapshot);
        }
        open.insert(open.end(), found.below.begin(), found.below.end());
    }

    Findings findingsOf(ChunkSource& chunks, const Folder& folder) {
        const std::string key = folder.tree.hex() + folder.path;
        if (const auto known = seen_.find(key); known != seen_.end()) return known->second;
        Findings found;
        try {
            readFolder(chunks, folder, found);
        } catch (const Error& error) {
            if (error.endsRun() || error.code() == ErrorCode::cancelled) throw;
            found.entries.push_back(enter(folder.path, true, 0));
        }
        if (seen_.size() < mostRemembered) seen_.emplace(key, found);
        return found;
    }

    void readFolder(ChunkSource& chunks, const Folder& folder, Findings& found) {
        const FolderParts parts(chunks, folder.tree);
        for (std::uint32_t number = 0; number < 1U << parts.bits(); ++number) {
            cancel_.check();
            const std::optional<ChunkId> segment = parts.chunkOf(number, parts.bits());
            if (segment && !isSound(*segment)) {
                found.entries.push_back(enter(folder.path, true, 0));
                continue;
            }
            if (segment && !incomplete_.contains(*segment)) continue;
            for (const TreeNode& node : parts.part(chunks, number, parts.bits())) {
                consider(found, joinPath(folder.path, node.name), node);
            }
        }
    }

    void consider(Findings& found, const std::string& path, const TreeNode& node) {
        std::vector<ChunkId> ids;
        node.forEachReference([&](const ChunkId& id) { ids.push_back(id); });
        const auto places = repository_.index().find(ids);
        bool lost = false;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const bool sound = sound_.anyOf(places[i]);
            if (sound && !incomplete_.contains(ids[i])) continue;
            if (sound && ids[i] == node.tree) {
                found.below.push_back({path, ids[i]});
            } else {
                lost = true;
            }
        }
        if (lost) found.entries.push_back(enter(path, node.isFolder(), node.attributes.size));
    }

    // Its number in the report, or one behind the end when that is full.
    std::size_t enter(const std::string& path, bool isFolder, std::uint64_t size) {
        const auto known = numbers_.find(path);
        if (known != numbers_.end()) return known->second;
        if (report_.entries.size() >= mostTouchedEntries) {
            ++report_.more;
            return mostTouchedEntries;
        }
        const std::size_t number = report_.entries.size();
        numbers_.emplace(path, number);
        report_.entries.push_back({path, isFolder, size, 0, {}});
        last_.emplace_back();
        return number;
    }

    bool isSound(const ChunkId& id) {
        return sound_.anyOf(repository_.index().find({&id, 1}).front());
    }

    Repository& repository_;
    const SoundPlaces& sound_;
    const ChunkSet& incomplete_;
    const CancelToken& cancel_;
    std::unordered_map<std::string, Findings> seen_;
    std::unordered_map<std::string, std::size_t> numbers_;  // of paths
    std::vector<SnapshotId> last_;                          // counted, for each entry
    std::size_t touched_ = 0;
    DamageReport report_;
};

}  // namespace

std::string TouchedEntry::message() const {
    std::string text = isFolder ? "what it holds, or some of it, is"
                                : "a file of " + std::to_string(size) + " octets is";
    text += snapshotCount == 1 ? " lost in snapshot " : " lost in snapshots ";
    const std::size_t named = std::min(mostNamed, snapshots.size());
    for (std::size_t i = 0; i < named; ++i) {
        text += (i == 0 ? "" : ", ") + shortName(snapshots[i]);
    }
    if (snapshotCount > named) text += " and " + std::to_string(snapshotCount - named) + " more";
    return text;
}

DamageReport searchDamage(Repository& repository, const std::vector<SnapshotInfo>& snapshots,
                          const SoundPlaces& sound, const ChunkSet& incomplete,
                          const CancelToken& cancel) {
    return DamageSearch(repository, sound, incomplete, cancel).run(snapshots);
}

DamageReport searchKnownDamage(Repository& repository, const CancelToken& cancel) {
    // Before the packs are looked at: those of later ones would not be known to be sound.
    return searchKnownDamage(repository, repository.ledger().snapshots(), cancel);
}

DamageReport searchKnownDamage(Repository& repository, const std::vector<SnapshotInfo>& snapshots,
                               const CancelToken& cancel) {
    SoundPlaces sound;
    std::vector<PackId> readable;
    for (const PackInfo& info : repository.ledger().packs()) {
        const PackId& pack = info.registration.pack;
        if (info.state == PackState::suspect) {
            const std::vector<std::uint32_t> blocks = soundBlocks(repository, pack, cancel);
            sound.addBlocks(pack, blocks);
            if (!blocks.empty()) readable.push_back(pack);
        } else if (isSound(info.state)) {
            sound.addPack(pack);
            readable.push_back(pack);
        }
    }
    const ChunkSet incomplete = findIncomplete(repository, readable, sound, cancel);
    return searchDamage(repository, snapshots, sound, incomplete, cancel);
}

}  // namespace coffer
