#include "core/sync/sync_walk.h"

#include <algorithm>
#include <utility>

#include "core/agent/object_path.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/pipeline/selection.h"

namespace coffer {

namespace {

constexpr std::size_t mostEntries = 5'000'000;  // of a folder
constexpr std::size_t longestPath = 65'536;     // of a folder
constexpr std::string_view temporaryPrefix = ".coffer-sync-";
constexpr std::size_t temporaryDigits = 32;

}  // namespace

std::string SyncFolder::at(const std::string& below) const {
    if (below == "/") return path;
    return path == "/" ? below : path + below;
}

std::string SyncFolder::shown(const std::string& below) const {
    return agent + ":" + shownPath(at(below));
}

std::string temporaryName(const std::string& name) {
    return std::string(temporaryPrefix) + sha256(bytesOf(name)).hex().substr(0, temporaryDigits);
}

bool isTemporaryName(const std::string& name) {
    const auto isDigit = [](char letter) {
        return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
    };
    return name.starts_with(temporaryPrefix) &&
           name.size() == temporaryPrefix.size() + temporaryDigits &&
           std::ranges::all_of(name.substr(temporaryPrefix.size()), isDigit);
}

bool endsSync(const Error& error) {
    switch (error.code()) {
        case ErrorCode::unavailable:
        case ErrorCode::gone:
        case ErrorCode::cancelled:
        case ErrorCode::noSpace:
        case ErrorCode::untrusted:
        case ErrorCode::internal:
        case ErrorCode::limitExceeded:
            return true;
        default:
            return error.endsRun();
    }
}

// Of a problem of one entry something stays there.
void SyncWalk::guarded(SyncSide side, const std::string& path, bool& stays,
                       const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        if (endsSync(error)) throw;
        stays = true;
        visitor_->problem(side, path, error);
    }
}

SyncRoots SyncWalk::run(SyncVisitor& visitor, bool hasSource, bool hasTarget) {
    visitor_ = &visitor;
    stack_.clear();
    SyncRoots roots;
    Frame root;
    root.action.verb = SyncVerb::enter;
    root.path = "/";
    root.hasSource = hasSource;
    root.hasTarget = hasTarget;
    stack_.push_back(std::move(root));
    open(stack_.back(), &roots);
    while (!stack_.empty()) {
        parts_.cancel.check();
        Frame& frame = stack_.back();
        if (!frame.todo.empty()) {
            SyncAction next = std::move(frame.todo.back());
            frame.todo.pop_back();
            next.isAboutFolder() ? descend(frame, std::move(next)) : act(frame, next);
            continue;
        }
        const Frame done = std::move(frame);
        stack_.pop_back();
        if (stack_.empty()) break;
        bool stays = done.stays;
        guarded(done.action.to, done.path, stays,
                [&] { stays = visitor_->leave(done.action, done.folder, done.stays); });
        if (stays) stack_.back().stays = true;
    }
    return roots;
}

// Lists and plans a folder and does what is about no folder. False when it could not be listed:
// then nothing in it is touched on either side.
bool SyncWalk::open(Frame& frame, SyncRoots* roots) {
    SyncEntries source;
    SyncEntries target;
    bool failed = false;
    const auto read = [&](SyncSide side, bool has, SyncEntries& entries) {
        if (!has || failed) return;
        if (roots) {
            entries = list(side, frame);
            return;
        }
        guarded(side, frame.path, failed, [&] { entries = list(side, frame); });
    };
    read(SyncSide::source, frame.hasSource, source);
    read(SyncSide::target, frame.hasTarget, target);
    if (failed) {
        frame.stays = true;
        return false;
    }
    if (roots) {
        *roots = {source.size(), target.size()};
        visitor_->opened(*roots);
    }
    // A folder that one side does not have yet is new: nothing in it was deleted there.
    const bool remembers = parts_.rules.twoWay && frame.action.verb != SyncVerb::make;
    const std::vector<SyncMemory> memory =
        remembers ? parts_.store.of(frame.path) : std::vector<SyncMemory>();
    for (SyncAction& action : planFolder(source, target, memory, parts_.rules)) {
        parts_.cancel.check();
        // What comes behind a folder of the same name waits for it.
        const bool waits = !frame.todo.empty() && frame.todo.back().name == action.name;
        if (action.isAboutFolder() || waits) {
            frame.todo.push_back(std::move(action));
        } else {
            act(frame, action);
        }
    }
    std::ranges::reverse(frame.todo);
    return true;
}

SyncEntries SyncWalk::list(SyncSide side, Frame& frame) {
    SyncFolder& folder = parts_.pair.of(side);
    const auto cursor = folder.tree.list(folder.at(frame.path));
    SyncEntries entries;
    while (const auto found = cursor->next()) {
        parts_.cancel.check();
        const std::string path = joinPath(frame.path, found->name);
        if (isTemporaryName(found->name)) {
            visitor_->leftover(side, path);
            continue;
        }
        if (!parts_.filter.choose(path, found->kind == "folder", frame.within)) {
            frame.stays = true;
            continue;
        }
        if (entries.size() == mostEntries) {
            throw Error(ErrorCode::unsupported,
                        folder.shown(frame.path) + " has more than 5,000,000 entries")
                .endingRun();
        }
        entries.push_back(syncEntryOf(*found));
    }
    std::ranges::sort(entries, {}, &SyncEntry::name);
    const auto same = [](const SyncEntry& a, const SyncEntry& b) { return a.name == b.name; };
    entries.erase(std::unique(entries.begin(), entries.end(), same), entries.end());
    return entries;
}

void SyncWalk::act(Frame& frame, const SyncAction& action) {
    guarded(action.to, joinPath(frame.path, action.name), frame.stays, [&] {
        if (visitor_->act(action, frame.path)) frame.stays = true;
    });
}

void SyncWalk::descend(Frame& frame, SyncAction action) {
    Frame next;
    next.folder = frame.path;
    next.path = joinPath(frame.path, action.name);
    next.within = parts_.filter.choose(next.path, true, frame.within).value_or(false);
    const bool onlyTo = action.verb == SyncVerb::takeAway;
    const bool onlyFrom = action.verb == SyncVerb::make;
    const auto has = [&](SyncSide side) {
        return action.verb == SyncVerb::enter || (onlyTo && side == action.to) ||
               (onlyFrom && side != action.to);
    };
    next.hasSource = has(SyncSide::source);
    next.hasTarget = has(SyncSide::target);
    next.action = std::move(action);
    const SyncSide to = next.action.to;
    const std::string path = next.path;
    bool entered = false;
    guarded(to, path, frame.stays, [&] {
        if (path.size() > longestPath) throw Error(ErrorCode::unsupported, "it lies too deep");
        visitor_->enter(next.action, path);
        entered = true;
    });
    if (!entered) return;
    stack_.push_back(std::move(next));  // `frame` may have moved
    open(stack_.back(), nullptr);
}

}  // namespace coffer
