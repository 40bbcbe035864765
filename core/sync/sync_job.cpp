#include "core/sync/sync_job.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr std::array<SyncSide, 2> bothSides{SyncSide::source, SyncSide::target};

/// The steps of one synchronisation.
class SyncJob {
  public:
    SyncJob(const SyncParts& parts, const SyncSettings& settings)
        : parts_(parts),
          settings_(settings),
          walk_({parts.pair, settings.rules, settings.filter, parts.store, parts.cancel}),
          survey_(
              parts.pair, settings.preview ? parts.note : [](const SyncNote&) {}) {}

    SyncCounts run() {
        for (const SyncSide side : bothSides) lookFor(side);
        roots_ = walk_.run(survey_, there_[0], there_[1]);
        parts_.progress.totalBytes =
            survey_.of(SyncSide::source).bytes + survey_.of(SyncSide::target).bytes;
        for (const SyncSide side : bothSides) checkLoss(side);
        for (const SyncSide side : bothSides) checkRemovals(side);
        return settings_.preview ? planned() : perform();
    }

  private:
    SyncFolder& of(SyncSide side) { return parts_.pair.of(side); }
    bool isThere(SyncSide side) const { return there_[static_cast<std::size_t>(side)]; }
    bool isWritten(SyncSide side) const {
        return settings_.rules.twoWay || side == SyncSide::target;
    }

    std::uint64_t mayGo(SyncSide side) const {
        return survey_.of(side).entries * settings_.mostDeleted / 100;
    }

    void lookFor(SyncSide side);
    void checkLoss(SyncSide side);
    void checkRemovals(SyncSide side);
    SyncCounts planned() const;
    SyncCounts perform();
    void carryOut(SyncPerformer& performer);
    void begin(SyncSide side);

    const SyncParts& parts_;
    const SyncSettings& settings_;
    SyncWalk walk_;
    SyncSurvey survey_;
    SyncRoots roots_;
    std::array<bool, 2> there_{};
};

void SyncJob::lookFor(SyncSide side) {
    SyncFolder& folder = of(side);
    try {
        const ObjectEntry entry = folder.tree.stat(folder.path);
        if (entry.kind != "folder") {
            throw Error(ErrorCode::conflict, folder.shown("/") + " is no folder");
        }
        there_[static_cast<std::size_t>(side)] = true;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound || !isWritten(side)) throw;
    }
}

// A disk that is not mounted looks like a folder of which everything was deleted.
void SyncJob::checkLoss(SyncSide side) {
    const auto last = parts_.store.counts();
    const std::uint64_t before = !last ? 0 : side == SyncSide::source ? last->source : last->target;
    if (settings_.mostDeleted >= 100 || roots_.of(side) > 0) return;
    const bool othersGo = survey_.of(otherThan(side)).removed > 0;
    if (before == 0 && !othersGo) return;
    if (roots_.of(otherThan(side)) == 0 && isThere(side)) return;
    throw Error(ErrorCode::conflict,
                of(side).shown("/") + (isThere(side) ? " is empty" : " is not there any more") +
                    (before > 0 ? ", and was not at the end of the last run" : "") +
                    ": nothing was changed (most-deletions = 100 allows it)");
}

void SyncJob::checkRemovals(SyncSide side) {
    const auto& [entries, removed, copied, bytes] = survey_.of(side);
    if (removed * 100 <= entries * settings_.mostDeleted) return;
    throw Error(ErrorCode::conflict, std::to_string(removed) + " of " + std::to_string(entries) +
                                         " entries of " + of(side).shown("/") +
                                         " would be deleted, more than " +
                                         std::to_string(settings_.mostDeleted) +
                                         " %: nothing was changed (most-deletions)");
}

SyncCounts SyncJob::planned() const {
    SyncCounts counts;
    for (const SyncSide side : bothSides) {
        const SyncSurvey::Side& its = survey_.of(side);
        counts.files += its.copied;
        counts.bytes += its.bytes;
        counts.removed += its.removed;
    }
    counts.conflicts = survey_.conflicts();
    return counts;
}

// An agent that cannot do this, or may not, says so here and not once for each file.
void SyncJob::begin(SyncSide side) {
    if (!isWritten(side)) return;
    SyncFolder& folder = of(side);
    try {
        if (!isThere(side)) folder.tree.createFolder(folder.path);
        folder.tree.flush(folder.path);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::unsupported) throw;
        throw Error(ErrorCode::unsupported,
                    "the agent " + folder.agent + " is too old to be synchronised to: update it");
    }
}

void SyncJob::carryOut(SyncPerformer& performer) {
    try {
        const SyncRoots roots = performer.left(walk_.run(performer, true, true));
        const SyncCounts& counts = performer.counts();
        const bool brought = counts.files + counts.links + counts.folders > 0;
        const std::uint64_t most = std::max(roots.source, roots.target);
        const bool twoWay = settings_.rules.twoWay;
        parts_.store.setCounts(
            {brought && twoWay ? most : roots.source, brought ? most : roots.target});
        performer.checkpoint();
    } catch (const Error& error) {
        performer.abandon(error.code() != ErrorCode::unavailable);
        throw;
    }
}

SyncCounts SyncJob::perform() {
    for (const SyncSide side : bothSides) begin(side);
    FileCarrier carrier(
        {parts_.pair, parts_.oneTree, parts_.throttle, parts_.progress, parts_.cancel});
    SyncPerformer performer({parts_.pair,
                             settings_.rules,
                             parts_.store,
                             carrier,
                             parts_.progress,
                             parts_.problems,
                             parts_.note,
                             parts_.clock.now(),
                             {mayGo(SyncSide::source), mayGo(SyncSide::target)},
                             settings_.mostDeleted < 100 ? roots_ : SyncRoots{}});
    carryOut(performer);
    return performer.counts();
}

}  // namespace

SyncCounts synchronise(const SyncParts& parts, const SyncSettings& settings) {
    return SyncJob(parts, settings).run();
}

}  // namespace coffer
