#include "core/sync/sync_plan.h"

#include <algorithm>
#include <utility>

namespace coffer {

namespace {

using Looks = std::optional<SyncLook>;

constexpr const char* special = "neither file, folder nor link: it is not carried";
constexpr const char* inTheWay = "something of another kind is in the way at the target";

bool isFolder(const Looks& look) {
    return look && look->kind == SyncKind::folder;
}

bool isOther(const Looks& look) {
    return look && look->kind == SyncKind::other;
}

/// What is known of one name.
struct Name {
    std::string name;
    Looks source{};
    Looks target{};
    const SyncMemory* memory = nullptr;
};

/// Plans one name after the other.
class Planner {
  public:
    explicit Planner(const SyncRules& rules) : rules_(rules) {}

    void plan(const Name& name) {
        name_ = &name;
        rules_.twoWay ? planBoth() : planMirror();
    }

    std::vector<SyncAction> take() { return std::move(actions_); }

  private:
    void planMirror();
    void planBoth();
    void planOneSided(SyncSide has);
    void planFolders();
    void planConflict();
    void planSame(SyncSide to);

    const Looks& of(SyncSide side) const {
        return side == SyncSide::source ? name_->source : name_->target;
    }

    bool changed(SyncSide side) const {
        return !name_->memory || name_->memory->of(side) != of(side);
    }

    SyncAction& add(SyncVerb verb, SyncSide to) {
        SyncAction action{verb, to, name_->name, name_->source, name_->target};
        action.remembered = !changed(SyncSide::source) && !changed(SyncSide::target);
        actions_.push_back(std::move(action));
        return actions_.back();
    }

    void refuse(const char* why, SyncSide to) { add(SyncVerb::refuse, to).why = why; }

    // What one side had is dealt with by another action on the same name.
    static void without(SyncAction& action, SyncSide side) {
        (side == SyncSide::source ? action.source : action.target).reset();
        action.remembered = false;
    }

    // What `to` has does not matter any more; a folder is not in the way.
    void bring(SyncSide to) {
        const Looks& from = of(otherThan(to));
        const bool folder = isFolder(from);
        if (folder && of(to)) {
            add(SyncVerb::remove, to);
            without(add(SyncVerb::make, to), to);
            return;
        }
        add(folder ? SyncVerb::make : SyncVerb::copy, to);
    }

    const SyncRules& rules_;
    const Name* name_ = nullptr;
    std::vector<SyncAction> actions_;
};

// They have the same content, to which there is a mode.
void Planner::planSame(SyncSide to) {
    const bool differs = name_->source->mode != name_->target->mode;
    if (rules_.readsContent && name_->source->kind == SyncKind::file) {
        add(SyncVerb::compare, to);
    } else {
        add(differs ? SyncVerb::adjust : SyncVerb::remember, to);
    }
}

void Planner::planMirror() {
    constexpr SyncSide to = SyncSide::target;
    const Looks& source = name_->source;
    const Looks& target = name_->target;
    if (!source) {
        if (rules_.erases) add(isFolder(target) ? SyncVerb::takeAway : SyncVerb::remove, to);
        return;
    }
    if (isOther(source)) return refuse(special, to);
    if (!target) return bring(to);
    if (isFolder(source) && isFolder(target)) {
        add(SyncVerb::enter, to);
    } else if (sameContent(*source, *target)) {
        planSame(to);
    } else if (!isFolder(source) && !isFolder(target) && !isOther(target)) {
        add(SyncVerb::copy, to);
    } else if (!rules_.erases) {
        refuse(inTheWay, to);
    } else if (isFolder(target)) {
        without(add(SyncVerb::takeAway, to), SyncSide::source);
        without(add(SyncVerb::copy, to), to);
    } else if (isFolder(source)) {
        bring(to);
    } else {
        add(SyncVerb::remove, to);
        without(add(SyncVerb::copy, to), to);
    }
}

void Planner::planOneSided(SyncSide has) {
    const Looks& look = of(has);
    const SyncSide other = otherThan(has);
    if (isOther(look)) return refuse(special, other);
    const SyncMemory* memory = name_->memory;
    const bool wasFolder = memory && memory->of(has).kind == SyncKind::folder;
    if (isFolder(look)) {
        add(wasFolder ? SyncVerb::takeAway : SyncVerb::make, wasFolder ? has : other);
    } else if (memory && !changed(has)) {
        add(SyncVerb::remove, has);
    } else {
        add(SyncVerb::copy, other);
    }
}

void Planner::planBoth() {
    const auto& [name, source, target, memory] = *name_;
    if (!source && !target) {
        add(SyncVerb::forget, SyncSide::target);
        return;
    }
    if (!source || !target) return planOneSided(source ? SyncSide::source : SyncSide::target);
    if (isOther(source) || isOther(target)) return refuse(special, SyncSide::target);
    if (isFolder(source) && isFolder(target)) return planFolders();
    const bool here = changed(SyncSide::source);
    const bool there = changed(SyncSide::target);
    const SyncSide stale = there && !here ? SyncSide::source : SyncSide::target;
    if (sameContent(*source, *target)) {
        // A mode that neither has changed is one that a file system cannot keep.
        if (!rules_.readsContent && !here && !there) {
            add(SyncVerb::remember, stale);
            return;
        }
        return planSame(stale);
    }
    if (here && there) return planConflict();
    if (!here && !there) {
        add(SyncVerb::remember, stale);
    } else if (isFolder(of(stale))) {
        planConflict();  // whether something in it has changed is not known here
    } else {
        bring(stale);
    }
}

// Of a folder the mode alone is carried.
void Planner::planFolders() {
    const SyncMemory* memory = name_->memory;
    const bool here = !memory || memory->source.mode != name_->source->mode;
    const bool there = !memory || memory->target.mode != name_->target->mode;
    add(SyncVerb::enter, there && !here ? SyncSide::source : SyncSide::target).remembered =
        memory && !here && !there;
}

void Planner::planConflict() {
    const bool folders = isFolder(name_->source) || isFolder(name_->target);
    SyncSide loser = SyncSide::target;
    if (folders) {
        loser = isFolder(name_->target) ? SyncSide::source : SyncSide::target;
    } else if (rules_.conflict == SyncConflict::target) {
        loser = SyncSide::source;
    } else if (rules_.conflict != SyncConflict::source &&
               name_->source->modified < name_->target->modified) {
        loser = SyncSide::source;
    }
    const bool keeps = folders || rules_.conflict == SyncConflict::keepBoth;
    add(keeps ? SyncVerb::keepBoth : SyncVerb::copy, loser).conflict = true;
    if (!folders) return;
    without(add(SyncVerb::make, loser), loser);
}

}  // namespace

std::vector<SyncAction> planFolder(const SyncEntries& source, const SyncEntries& target,
                                   const std::vector<SyncMemory>& memory, const SyncRules& rules) {
    Planner planner(rules);
    auto here = source.begin();
    auto there = target.begin();
    auto before = memory.begin();
    while (here != source.end() || there != target.end() || before != memory.end()) {
        // The least of the names that come next.
        const std::string* least = nullptr;
        const auto take = [&](const std::string& name) {
            if (!least || name < *least) least = &name;
        };
        if (here != source.end()) take(here->name);
        if (there != target.end()) take(there->name);
        if (before != memory.end()) take(before->name);
        Name name{*least};
        if (here != source.end() && here->name == name.name) name.source = (here++)->look;
        if (there != target.end() && there->name == name.name) name.target = (there++)->look;
        if (before != memory.end() && before->name == name.name) name.memory = &*before++;
        planner.plan(name);
    }
    return planner.take();
}

std::string conflictName(const std::string& name, Timestamp now, const std::string& agent,
                         unsigned attempt) {
    constexpr std::size_t longest = 255;
    std::string date = toIso8601(now);  // without what some file systems do not take
    std::erase_if(date, [](char letter) { return letter == ':' || letter == '-'; });
    std::string tail = ".conflict-" + date + "-" + agent.substr(0, 64);
    std::ranges::replace(tail, '/', '_');
    if (attempt > 1) tail += "-" + std::to_string(attempt);
    return name.substr(0, longest - std::min(tail.size(), longest)) + tail;
}

const char* nameOf(SyncVerb verb) {
    switch (verb) {
        case SyncVerb::remember:
            return "same";
        case SyncVerb::forget:
            return "gone";
        case SyncVerb::compare:
            return "compare";
        case SyncVerb::copy:
            return "copy";
        case SyncVerb::adjust:
            return "adjust";
        case SyncVerb::enter:
            return "folder";
        case SyncVerb::make:
            return "make-folder";
        case SyncVerb::takeAway:
            return "remove-folder";
        case SyncVerb::remove:
            return "remove";
        case SyncVerb::keepBoth:
            return "keep-both";
        default:
            return "refused";
    }
}

}  // namespace coffer
