#include "management_server/runs/run_record.h"

#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t shownPath = 200;

std::string shownPaths(const std::vector<std::string>& paths) {
    if (paths.empty()) return {};
    std::string text = " of " + printable(std::string_view(paths.front()).substr(0, shownPath));
    if (paths.size() > 1) text += " and " + std::to_string(paths.size() - 1) + " more";
    return text;
}

}  // namespace

std::string stoppingPhase(const RunStand& stand) {
    if (stand.cancelling) return cancellingPhase;
    const bool isHeld = stand.state == RunState::running && stand.hold != RunHold::none;
    return isHeld ? "parking" : "";
}

Error unknownRun(std::int64_t number) {
    return {ErrorCode::notFound, "there is no run " + std::to_string(number)};
}

std::string shownRun(const RunRecord& run) {
    if (run.kind == run_kind::backup) {
        return "backup" + shownPaths(run.what) + " on " + run.agent + " to " + run.repository;
    }
    if (run.kind == run_kind::restore) {
        return "restore" + shownPaths(run.what) + " from " + run.repository + " to " + run.agent +
               ":" + printable(std::string_view(run.target).substr(0, shownPath));
    }
    if (run.kind == run_kind::rehearsal) {
        return "rehearsal" + shownPaths(run.what) + " from " + run.repository;
    }
    if (run.kind == run_kind::replicate) {
        return "replica of " + run.repository + " in " +
               printable(std::string_view(run.target).substr(0, shownPath));
    }
    if (run.kind == run_kind::copy) {
        return "copies of " + run.repository + " to " + printable(run.target);
    }
    if (run.kind == run_kind::synchronise) {
        return "synchronisation" + shownPaths(run.what) + " with " +
               printable(std::string_view(run.target).substr(0, shownPath));
    }
    return (run.kind == run_kind::verify ? "verification" : run.kind) + " of " + run.repository;
}

}  // namespace coffer
