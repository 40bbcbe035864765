#include "core/sync/sync_performer.h"

#include <exception>
#include <utility>

#include "core/base/error.h"
#include "core/pipeline/selection.h"

namespace coffer {

namespace {

constexpr std::size_t checkpointAfter = 1'000;  // entries to be remembered

bool isFile(const std::optional<SyncLook>& look) {
    return look && look->kind == SyncKind::file;
}

SyncMemory memoryOf(const std::string& name, SyncSide to, const FileCarrier::Carried& looks) {
    return to == SyncSide::target ? SyncMemory{name, looks.from, looks.to}
                                  : SyncMemory{name, looks.to, looks.from};
}

}  // namespace

void SyncPerformer::checkpoint() {
    for (const SyncSide side : {SyncSide::source, SyncSide::target}) {
        bool& written = written_[static_cast<std::size_t>(side)];
        if (!written) continue;
        SyncFolder& folder = parts_.pair.of(side);
        folder.tree.flush(folder.path);
        written = false;
    }
    parts_.store.commit();
}

// Before what was written is safe nothing is remembered of it: a file that a power failure takes
// away would look like one that somebody has deleted.
void SyncPerformer::checkpointIfDue() {
    if (parts_.store.waiting() >= checkpointAfter) checkpoint();
}

// What was deleted must not be remembered when the run is cut: it may come back.
void SyncPerformer::abandon(bool isReachable) noexcept {
    try {
        try {
            if (isReachable) checkpoint();
        } catch (const Error&) {
            // Nothing that was brought is remembered.
        }
        parts_.store.commitForgotten();
    } catch (const std::exception&) {
        // It is damaged or its disk is full, which the next run is told.
    }
}

void SyncPerformer::remember(const std::string& folder, const std::string& name, SyncSide to,
                             const FileCarrier::Carried& looks) {
    if (!parts_.rules.twoWay) return;
    parts_.store.put(folder, memoryOf(name, to, looks));
    checkpointIfDue();
}

void SyncPerformer::forget(const std::string& folder, const std::string& name) {
    if (!parts_.rules.twoWay) return;
    parts_.store.forget(folder, name);
    checkpointIfDue();
}

// For good, before something comes to be that would be misread with what is remembered, should the
// run be cut behind it.
void SyncPerformer::forgetFirst(const std::string& folder, const std::string& name) {
    if (!parts_.rules.twoWay || !parts_.store.knows(folder, name)) return;
    parts_.store.forget(folder, name);
    checkpoint();
}

void SyncPerformer::changed(SyncSide side) {
    written_[static_cast<std::size_t>(side)] = true;
    places_.back().changed = true;
}

void SyncPerformer::carried(const SyncLook& look) {
    if (look.kind == SyncKind::symlink) {
        ++counts_.links;
        ++parts_.progress.others;
        return;
    }
    ++counts_.files;
    counts_.bytes += look.size;
    ++parts_.progress.files;
    parts_.progress.bytes += look.size;
}

void SyncPerformer::countRemoval(SyncSide side) {
    const auto at = static_cast<std::size_t>(side);
    if (removed_[at] >= parts_.mostRemoved[at]) {
        throw Error(ErrorCode::conflict,
                    "more would be deleted at " + parts_.pair.of(side).shown("/") +
                        " than when this run began: look what has become of the other side")
            .endingRun();
    }
    ++removed_[at];
}

// A disk may go between the two looks, too.
void SyncPerformer::opened(const SyncRoots& roots) {
    for (const SyncSide side : {SyncSide::source, SyncSide::target}) {
        if (parts_.before.of(side) == 0 || roots.of(side) > 0) continue;
        throw Error(ErrorCode::conflict, parts_.pair.of(side).shown("/") +
                                             " is empty, and was not when this run began:"
                                             " nothing was changed")
            .endingRun();
    }
}

bool SyncPerformer::act(const SyncAction& action, const std::string& folder) {
    return perform(settled(action, joinPath(folder, action.name)), folder);
}

// What can only be told by reading both.
SyncAction SyncPerformer::settled(SyncAction action, const std::string& path) {
    const bool compares = action.verb == SyncVerb::compare;
    const bool mayBeSame = action.conflict && isFile(action.source) && isFile(action.target) &&
                           action.source->size == action.target->size;
    if (!compares && !mayBeSame) return action;
    if (parts_.carrier.areEqual(path, action.source->size)) {
        action.conflict = false;
        const bool differs = action.source->mode != action.target->mode ||
                             !sameContent(*action.source, *action.target);
        action.verb = differs ? SyncVerb::adjust : SyncVerb::remember;
        return action;
    }
    if (!compares) return action;
    const SyncConflict rule = parts_.rules.conflict;
    action.conflict = parts_.rules.twoWay;
    action.verb =
        parts_.rules.twoWay && rule == SyncConflict::keepBoth ? SyncVerb::keepBoth : SyncVerb::copy;
    if (parts_.rules.twoWay && rule == SyncConflict::target) action.to = SyncSide::source;
    if (parts_.rules.twoWay && rule == SyncConflict::source) action.to = SyncSide::target;
    return action;
}

bool SyncPerformer::perform(SyncAction action, const std::string& folder) {
    switch (action.verb) {
        case SyncVerb::remember:
            ++counts_.same;
            ++parts_.progress.keptItems;
            if (!action.remembered) {
                remember(folder, action.name, SyncSide::target, {*action.source, *action.target});
            }
            return true;
        case SyncVerb::forget:
            forget(folder, action.name);
            return false;
        case SyncVerb::copy:
            bring(action, folder);
            return true;
        case SyncVerb::adjust:
            adjust(action, folder);
            return true;
        case SyncVerb::remove:
            remove(action, folder);
            return false;
        case SyncVerb::keepBoth:
            keepBoth(action, folder);
            return true;
        default:
            throw Error(ErrorCode::unsupported, action.why);
    }
}

void SyncPerformer::bring(const SyncAction& action, const std::string& folder) {
    const std::string path = joinPath(folder, action.name);
    makeMissing(action.to);
    const auto looks = parts_.carrier.carry(action.to, path, path, action.of(action.to));
    changed(action.to);
    carried(looks.from);
    if (action.conflict) {
        ++counts_.conflicts;
        parts_.note(noteOf(action, folder, parts_.pair));
    }
    remember(folder, action.name, action.to, looks);
}

// In an order in which at no time a version is on neither side.
void SyncPerformer::keepBoth(const SyncAction& action, const std::string& folder) {
    SyncFolder& there = parts_.pair.of(action.to);
    const SyncSide other = otherThan(action.to);
    const std::string path = joinPath(folder, action.name);
    forgetFirst(folder, action.name);
    std::string name;
    for (unsigned attempt = 1;; ++attempt) {
        name = conflictName(action.name, parts_.now, there.agent, attempt);
        try {
            there.tree.move(there.at(path), there.at(joinPath(folder, name)));
            break;
        } catch (const Error& error) {
            constexpr unsigned mostAttempts = 100;
            if (error.code() != ErrorCode::alreadyExists || attempt == mostAttempts) throw;
        }
    }
    changed(action.to);
    const std::string kept = joinPath(folder, name);
    ++counts_.conflicts;
    parts_.note({"conflict", there.shown(path), "both have changed: this one is now " + name});
    const auto second = parts_.carrier.carry(other, kept, kept, {});
    changed(other);
    carried(second.from);
    remember(folder, name, other, second);
    const auto& winner = action.of(other);
    if (winner->kind == SyncKind::folder) return;  // it is made next
    const auto first = parts_.carrier.carry(action.to, path, path, {});
    carried(first.from);
    remember(folder, action.name, action.to, first);
}

void SyncPerformer::adjust(const SyncAction& action, const std::string& folder) {
    SyncFolder& there = parts_.pair.of(action.to);
    const std::string place = there.at(joinPath(folder, action.name));
    const SyncLook& from = *action.of(otherThan(action.to));
    const SyncLook& before = *action.of(action.to);
    ObjectTree::Look wanted{{}, from.mode};
    if (from.modified != before.modified) wanted.modified = from.modified;
    if (from.kind == SyncKind::symlink) wanted.mode.reset();
    const SyncLook after =
        syncEntryOf(there.tree.settle(place, place, wanted, objectOf(SyncEntry{"", before}))).look;
    changed(action.to);
    ++counts_.adjusted;
    remember(folder, action.name, action.to, {from, after});
}

void SyncPerformer::remove(const SyncAction& action, const std::string& folder) {
    SyncFolder& there = parts_.pair.of(action.to);
    const SyncLook& look = *action.of(action.to);
    const std::string path = joinPath(folder, action.name);
    countRemoval(action.to);
    if (look.kind == SyncKind::other) {
        there.tree.erase(there.at(path), false);
    } else {
        there.tree.eraseAs(there.at(path), objectOf(SyncEntry{"", look}));
    }
    removed(action, folder);
}

void SyncPerformer::removed(const SyncAction& action, const std::string& folder) {
    changed(action.to);
    ++counts_.removed;
    if (folder == "/") ++removedAtRoot_[static_cast<std::size_t>(action.to)];
    parts_.note(noteOf(action, folder, parts_.pair));
    forget(folder, action.name);
}

// The folders around that the other side has deleted, of which something is needed after all.
void SyncPerformer::makeMissing(SyncSide to) {
    for (Place& place : places_) {
        if (!place.missing || place.has == to) continue;
        parts_.carrier.makeFolder(to, place.path, place.look);
        place.missing = false;
        ++counts_.folders;
        changed(to);
    }
}

void SyncPerformer::enter(const SyncAction& action, const std::string& path) {
    Place place{path};
    if (action.verb == SyncVerb::make) {
        makeMissing(action.to);
        forgetFirst(places_.back().path, action.name);
        parts_.carrier.makeFolder(action.to, path, *action.of(otherThan(action.to)));
        changed(action.to);
        place.changed = true;
        ++counts_.folders;
        ++parts_.progress.folders;
    }
    if (action.verb == SyncVerb::takeAway) {
        place.missing = parts_.rules.twoWay;
        place.has = action.to;
        place.look = *action.of(action.to);
    }
    places_.push_back(std::move(place));
}

bool SyncPerformer::leave(const SyncAction& action, const std::string& folder, bool stays) {
    const Place place = std::move(places_.back());
    places_.pop_back();
    if (place.changed) places_.back().changed = true;
    if (action.verb != SyncVerb::takeAway) {
        finishFolder(action, folder, place.changed);
        return true;
    }
    if (!stays) return removeFolder(action, folder);
    if (parts_.rules.twoWay && !place.missing) {
        const SyncSide other = otherThan(action.to);
        const std::string path = joinPath(folder, action.name);
        remember(folder, action.name, other,
                 {*action.of(action.to), lookAt(parts_.pair.of(other), path)});
    }
    return true;
}

bool SyncPerformer::removeFolder(const SyncAction& action, const std::string& folder) {
    SyncFolder& there = parts_.pair.of(action.to);
    countRemoval(action.to);
    there.tree.erase(there.at(joinPath(folder, action.name)), false);
    removed(action, folder);
    return false;
}

// Its mode, and one-way its time, which changes with what is put into it.
void SyncPerformer::finishFolder(const SyncAction& action, const std::string& folder,
                                 bool changedWithin) {
    SyncFolder& there = parts_.pair.of(action.to);
    const std::string place = there.at(joinPath(folder, action.name));
    const SyncLook& from = *action.of(otherThan(action.to));
    const auto& before = action.of(action.to);
    const bool mirrors = !parts_.rules.twoWay;
    ObjectTree::Look wanted;
    if (!before || (before->mode != from.mode && !action.remembered)) wanted.mode = from.mode;
    if (mirrors && (changedWithin || !before || before->modified != from.modified)) {
        wanted.modified = from.modified;
    }
    SyncLook after = before.value_or(from);
    if (wanted.mode || wanted.modified) {
        ObjectEntry folderThere;
        folderThere.kind = "folder";
        after = syncEntryOf(there.tree.settle(place, place, wanted, folderThere)).look;
        written_[static_cast<std::size_t>(action.to)] = true;
    }
    if (!action.remembered) remember(folder, action.name, action.to, {from, after});
}

// Of a side that this run writes to.
void SyncPerformer::leftover(SyncSide side, const std::string& path) {
    if (side == SyncSide::source && !parts_.rules.twoWay) return;
    SyncFolder& there = parts_.pair.of(side);
    try {
        there.tree.erase(there.at(path), false);
        changed(side);
    } catch (const Error& error) {
        if (endsSync(error)) throw;
    }
}

void SyncPerformer::problem(SyncSide side, const std::string& path, const Error& error) {
    parts_.problems.add(parts_.pair.of(side).shown(path), error);
}

}  // namespace coffer
