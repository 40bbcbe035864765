#include "management_server/snapshots/snapshot_retention.h"

#include <map>

#include "core/base/error.h"
#include "core/pipeline/reference_check.h"

namespace coffer {

namespace {

// Whether snapshots can be read in full, as far as verification has come.
class Soundness {
  public:
    Soundness(Repository& repository, const CancelToken& cancel)
        : proven_(repository.ledger().provenSnapshots()) {
        // The counts in memory may be behind what was just read, which knows of damage.
        repository.ledger().refresh();
        if (repository.ledger().totals(PackState::suspect).packs > 0) {
            findDamage(repository, cancel);
        }
    }

    bool isDamaged(const SnapshotInfo& info) const {
        return incomplete_.contains(info.registration.root);
    }
    bool isVerified(const SnapshotInfo& info) const {
        return !isDamaged(info) && proven_.contains(info.registration.id);
    }

  private:
    void findDamage(Repository& repository, const CancelToken& cancel) {
        std::vector<PackId> readable;
        SoundPlaces sound;
        for (const PackInfo& pack : repository.ledger().packs()) {
            if (!isSound(pack.state)) continue;
            readable.push_back(pack.registration.pack);
            sound.addPack(pack.registration.pack);
        }
        incomplete_ = findIncomplete(repository, readable, sound, cancel);
        // Which is found in what can be read: not a root that cannot.
        std::vector<ChunkId> roots;
        for (const SnapshotInfo& info : repository.ledger().snapshots()) {
            roots.push_back(info.registration.root);
        }
        const auto places = repository.index().find(roots);
        for (std::size_t i = 0; i < roots.size(); ++i) {
            if (!sound.anyOf(places[i])) incomplete_.insert(roots[i]);
        }
    }

    const std::unordered_set<SnapshotId, IdHash> proven_;
    ChunkSet incomplete_;
};

}  // namespace

std::vector<RetentionGroup> SnapshotRetention::decide(const std::string& repository,
                                                      const RetentionRules& rules,
                                                      const SourceKey* source,
                                                      const CancelToken& cancel) const {
    const auto opened = parts_.repositories.open(repository);
    const Soundness soundness(*opened, cancel);
    const std::vector<SnapshotInfo> infos = opened->ledger().snapshots();
    std::map<Timestamp, std::size_t> times;  // how many bear each
    for (const SnapshotInfo& info : infos) ++times[info.committed];
    std::vector<RetentionCandidate> candidates;
    for (const SnapshotInfo& info : infos) {
        if (info.due) continue;
        if (source && info.registration.agent != source->agent) continue;
        std::shared_ptr<const Snapshot> snapshot;
        try {
            snapshot = parts_.shelf.load(*opened, info);
        } catch (const Error&) {
            continue;
        }
        SourceKey its = SourceKey::of(snapshot->agent, snapshot->paths);
        if (source && its != *source) continue;
        if (snapshot->backedUp() != info.committed) ++times[snapshot->backedUp()];
        candidates.push_back({.id = info.registration.id,
                              .source = std::move(its),
                              .committed = snapshot->backedUp(),
                              .tags = info.mark.tags,
                              .lockedUntil = info.mark.lockedUntil,
                              .verified = soundness.isVerified(info),
                              .damaged = soundness.isDamaged(info),
                              .hidden = info.registration.hidden});
    }
    // Times of a manifest never go back: with the clock behind them all records bear the same.
    for (RetentionCandidate& each : candidates) each.undated = times[each.committed] > 1;
    std::vector<SourceRuns> runs;
    if (parts_.histories) runs = parts_.histories(repository);
    return applyRetention(rules, candidates, runs, parts_.clock.now(), parts_.zone);
}

std::vector<RetentionGroup> SnapshotRetention::preview(const std::string& repository,
                                                       const RetentionRules& rules) const {
    return decide(repository, rules, nullptr, CancelToken());
}

std::vector<RetentionGroup> SnapshotRetention::apply(const std::string& repository,
                                                     const RetentionRules& rules) const {
    std::vector<RetentionGroup> groups = preview(repository, rules);
    forgetIn(repository, groups);
    return groups;
}

RetentionGroup SnapshotRetention::preview(const std::string& repository,
                                          const RetentionRules& rules, const SourceKey& source,
                                          const CancelToken& cancel) const {
    std::vector<RetentionGroup> groups = decide(repository, rules, &source, cancel);
    return groups.empty() ? RetentionGroup{source, {}} : std::move(groups.front());
}

RetentionGroup SnapshotRetention::apply(const std::string& repository, const RetentionRules& rules,
                                        const SourceKey& source, const CancelToken& cancel) const {
    RetentionGroup group = preview(repository, rules, source, cancel);
    forgetIn(repository, std::span(&group, 1));
    return group;
}

void SnapshotRetention::forgetIn(const std::string& repository,
                                 std::span<const RetentionGroup> groups) const {
    std::vector<SnapshotId> out;
    for (const RetentionGroup& group : groups) {
        for (const RetentionVerdict& verdict : group.verdicts) {
            if (!verdict.keep()) out.push_back(verdict.id);
        }
    }
    forget(*parts_.repositories.open(repository), out);
}

void SnapshotRetention::forget(Repository& repository,
                               std::span<const SnapshotId> snapshots) const {
    if (parts_.graceSeconds == 0) {
        repository.forget(snapshots);
    } else {
        const Timestamp now = parts_.clock.now();
        repository.trash(snapshots, {now.seconds + parts_.graceSeconds, now.nanoseconds});
    }
}

std::vector<SnapshotId> SnapshotRetention::emptyTrash(const std::string& repository) const {
    return parts_.repositories.open(repository)->forgetDue(parts_.clock.now());
}

std::uint64_t countForgotten(std::span<const RetentionGroup> groups) {
    std::uint64_t count = 0;
    for (const RetentionGroup& group : groups) {
        for (const RetentionVerdict& verdict : group.verdicts) count += verdict.keep() ? 0 : 1;
    }
    return count;
}

}  // namespace coffer
