#include <algorithm>

#include "core/base/error.h"
#include "core/repository/repository.h"

namespace coffer {

namespace {

SnapshotInfo require(const Ledger& ledger, const SnapshotId& id) {
    const auto info = ledger.snapshot(id);
    if (!info) throw Error(ErrorCode::notFound, "no snapshot " + id.hex());
    return *info;
}

void requireOpen(const SnapshotInfo& info, Timestamp now) {
    if (!info.mark.isLocked(now)) return;
    throw Error(ErrorCode::conflict, "snapshot " + info.registration.id.hex() +
                                         " is locked until " + toIso8601(*info.mark.lockedUntil));
}

void checkLock(const SnapshotMark& before, const SnapshotMark& after, Timestamp now) {
    if (after.lockedUntil == before.lockedUntil) return;
    if (before.isLocked(now) && (!after.lockedUntil || *after.lockedUntil < *before.lockedUntil)) {
        throw Error(ErrorCode::conflict, "it is locked until " + toIso8601(*before.lockedUntil) +
                                             ": a lock can be made longer, but not shorter");
    }
    if (!after.lockedUntil) return;
    if (*after.lockedUntil <= now) {
        throw Error(ErrorCode::invalidArgument, "a lock has to end in the future");
    }
    if (after.lockedUntil->seconds > now.seconds + longestLock) {
        throw Error(ErrorCode::invalidArgument,
                    "a lock reaches 10 years ahead at most; it can be made longer later");
    }
}

}  // namespace

void Repository::mark(const SnapshotId& snapshot,
                      const std::function<void(SnapshotMark&)>& change) {
    recordChosen([&]() -> std::vector<ManifestPayload> {
        const SnapshotInfo info = require(ledger_, snapshot);
        if (info.due) {
            throw Error(ErrorCode::conflict,
                        "snapshot " + snapshot.hex() + " is forgotten: take that back before");
        }
        SnapshotMark mark = info.mark;
        change(mark);
        checkLock(info.mark, mark, place_.clock.now());
        if (mark == info.mark) return {};
        return {MarkRecord{snapshot, mark}};
    });
}

void Repository::trash(std::span<const SnapshotId> snapshots, Timestamp due) {
    recordChosen([&] {
        std::vector<ManifestPayload> payloads;
        for (const SnapshotId& id : snapshots) {
            const SnapshotInfo info = require(ledger_, id);
            requireOpen(info, place_.clock.now());
            if (!info.due) payloads.emplace_back(TrashRecord{id, due});
        }
        return payloads;
    });
}

void Repository::untrash(std::span<const SnapshotId> snapshots) {
    recordChosen([&] {
        std::vector<ManifestPayload> payloads;
        for (const SnapshotId& id : snapshots) {
            if (require(ledger_, id).due) payloads.emplace_back(UntrashRecord{id});
        }
        return payloads;
    });
}

void Repository::forget(std::span<const SnapshotId> snapshots) {
    recordChosen([&] {
        std::vector<ManifestPayload> payloads;
        for (const SnapshotId& id : snapshots) {
            requireOpen(require(ledger_, id), place_.clock.now());
            payloads.emplace_back(ForgetRecord{id});
        }
        return payloads;
    });
    removeObjects(snapshots);
}

std::vector<SnapshotId> Repository::forgetDue(Timestamp by) {
    std::vector<SnapshotId> forgotten;
    recordChosen([&] {
        std::vector<ManifestPayload> payloads;
        for (const SnapshotInfo& info : ledger_.snapshots()) {
            if (!info.due || *info.due > by || info.mark.isLocked(by)) continue;
            forgotten.push_back(info.registration.id);
            payloads.emplace_back(ForgetRecord{info.registration.id});
        }
        return payloads;
    });
    removeObjects(forgotten);
    return forgotten;
}

// The records decide; the objects are only room to be freed. One whose backup is just repeated is
// left to it, or to a prune.
void Repository::removeObjects(std::span<const SnapshotId> forgotten) {
    for (const SnapshotId& id : forgotten) {
        removeUnnamed(snapshotName(id), [&] { return !ledger_.snapshot(id); });
    }
}

}  // namespace coffer
