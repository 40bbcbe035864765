#include "core/sync/sync_survey.h"

#include "core/pipeline/selection.h"

namespace coffer {

SyncNote noteOf(const SyncAction& action, const std::string& folder, SyncPair& pair) {
    const std::string path = joinPath(folder, action.name);
    const SyncFolder& from = pair.of(otherThan(action.to));
    SyncNote note{nameOf(action.verb), pair.of(action.to).shown(path), ""};
    const auto& look = action.of(otherThan(action.to));
    switch (action.verb) {
        case SyncVerb::copy:
            note.message = action.of(action.to) ? "replaced" : "new";
            if (look && look->kind == SyncKind::file) {
                note.message += ", " + std::to_string(look->size) + " octets";
            }
            break;
        case SyncVerb::keepBoth:
            note.message = "both have changed: this one is kept under another name";
            break;
        case SyncVerb::refuse:
            note.message = action.why;
            break;
        default:
            break;
    }
    if (action.conflict && action.verb == SyncVerb::copy) {
        note.code = "conflict";
        note.message = "both have changed: that of " + from.agent + " is taken";
    }
    return note;
}

void SyncSurvey::count(const SyncAction& action) {
    for (const SyncSide side : {SyncSide::source, SyncSide::target}) {
        if (action.of(side)) ++at(side).entries;
    }
    if (action.conflict) ++conflicts_;
}

bool SyncSurvey::act(const SyncAction& action, const std::string& folder) {
    count(action);
    const auto& look = action.of(otherThan(action.to));
    switch (action.verb) {
        case SyncVerb::remember:
        case SyncVerb::compare:
            return true;
        case SyncVerb::forget:
            return false;
        case SyncVerb::remove:
            note_(noteOf(action, folder, pair_));
            ++at(action.to).removed;
            return false;
        case SyncVerb::copy:
        case SyncVerb::keepBoth:
            ++at(action.to).copied;
            if (look) at(action.to).bytes += look->size;
            break;
        default:
            break;
    }
    note_(noteOf(action, folder, pair_));
    return true;
}

void SyncSurvey::enter(const SyncAction& action, const std::string& path) {
    count(action);
    if (action.verb != SyncVerb::make) return;
    note_({nameOf(action.verb), pair_.of(action.to).shown(path), ""});
}

bool SyncSurvey::leave(const SyncAction& action, const std::string& folder, bool stays) {
    if (action.verb != SyncVerb::takeAway || stays) return true;
    ++at(action.to).removed;
    note_(noteOf(action, folder, pair_));
    return false;
}

void SyncSurvey::problem(SyncSide side, const std::string& path, const Error& error) {
    note_({"problem", pair_.of(side).shown(path), error.what()});
}

}  // namespace coffer
