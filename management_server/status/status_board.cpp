#include "management_server/status/status_board.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_server/runs/run_view.h"

namespace coffer {

namespace {

// What is told at once has to fit into a message.
constexpr std::size_t mostSources = 5'000;
constexpr std::size_t mostFileSystems = 10'000;
constexpr std::size_t mostComponents = 10'000;

rpc::SettingMap moreOf(const SourceStatus& source) {
    rpc::SettingMap more;
    if (source.facts.successRun > 0) more["good-run"] = std::to_string(source.facts.successRun);
    if (source.facts.failureRun > 0) more["failed-run"] = std::to_string(source.facts.failureRun);
    if (source.known) {
        more["acknowledged-by"] = source.known->user;
        more["acknowledged-reason"] = source.known->reason;
        more["acknowledged-until"] = toIso8601(source.known->until);
    }
    return more;
}

void put(const SourceStatus& from, Coffer::SourceStatus& to) {
    to.id = from.id.c_str();
    to.agent = from.facts.name.agent.c_str();
    to.repository = from.facts.name.repository.c_str();
    to.what = rpc::toPaths(firstPaths(from.facts.name.paths));
    to.componentPath = from.component.c_str();
    to.state = std::string(nameOf(from.verdict.state)).c_str();
    to.cause = from.verdict.cause.c_str();
    to.action = from.verdict.action.c_str();
    to.since = rpc::toMoment(from.since);
    to.lastGood = rpc::toMoment(from.facts.lastSuccess);
    to.lastFailed = rpc::toMoment(from.facts.lastFailure);
    to.lastProven = rpc::toMoment(from.facts.lastProven);
    to.more = rpc::toSettings(moreOf(from));
}

// The parts of `from` that are wanted, as a sequence of `most` at most. Gives how many there are.
template <class From, class Sequence, class Wanted, class Put>
CORBA::ULong fill(const From& from, Sequence& to, std::size_t most, Wanted&& wanted, Put&& put) {
    std::vector<const typename From::value_type*> found;
    for (const auto& each : from) {
        if (wanted(each)) found.push_back(&each);
    }
    to.length(static_cast<CORBA::ULong>(std::min(found.size(), most)));
    for (CORBA::ULong at = 0; at < to.length(); ++at) put(*found[at], to[at]);
    return static_cast<CORBA::ULong>(found.size());
}

void putComponent(const std::pair<const std::string, ComponentStatus>& from,
                  Coffer::ComponentState& to) {
    to.path = from.first.c_str();
    to.state = std::string(nameOf(from.second.worst)).c_str();
    to.sources = static_cast<CORBA::ULong>(from.second.sources);
    to.troubled = static_cast<CORBA::ULong>(from.second.troubled);
}

void putFileSystem(const UncoveredFileSystem& from, Coffer::UncoveredFileSystem& to) {
    constexpr std::uint64_t most = std::numeric_limits<Coffer::ByteCount>::max();
    to.agent = from.agent.c_str();
    to.mountPoint = from.what.mountPoint.c_str();
    to.type = from.what.type.c_str();
    to.size = static_cast<Coffer::ByteCount>(std::min(from.what.bytes, most));
}

}  // namespace

Coffer::StatusReport* StatusBoard::report(const char* componentPath) {
    return rpc::serve("report", [&] {
        sessions_.require(Right::look);
        keeper_.refreshIfDue();
        const auto now = keeper_.report();
        const std::string below = componentPath;
        const auto& components = now->components.components();
        const auto whole = components.find(below);
        if (whole == components.end() && !below.empty()) {
            throw Error(ErrorCode::notFound, "there is no such component");
        }
        const SourceState state =
            whole == components.end() ? SourceState::safe : whole->second.worst;
        Coffer::StatusReport_var report = new Coffer::StatusReport;
        report->time = rpc::toMoment(now->time);
        report->state = std::string(nameOf(state)).c_str();
        report->total = fill(
            now->sources, report->sources, mostSources,
            [&](const SourceStatus& source) { return isWithinComponent(source.component, below); },
            put);
        fill(
            components, report->components, mostComponents,
            [&](const auto& component) { return isWithinComponent(component.first, below); },
            putComponent);
        fill(
            now->uncovered, report->uncovered, mostFileSystems,
            [&](const auto&) { return below.empty(); }, putFileSystem);
        return report._retn();
    });
}

void StatusBoard::acknowledge(const char* source, const char* reason, const Coffer::Moment& until) {
    rpc::serve("acknowledge", [&] {
        const UserSession session = sessions_.require(Right::run);
        const Timestamp end = rpc::toTimestamp(until);
        const Change change{
            "source-acknowledged", source, {}, {{"reason", reason}, {"until", toIso8601(end)}}};
        sessions_.audited(session, change,
                          [&] { keeper_.acknowledge(source, reason, session.user, end); });
    });
}

void StatusBoard::withdraw(const char* source) {
    rpc::serve("withdraw", [&] {
        const UserSession session = sessions_.require(Right::run);
        sessions_.audited(session, {"acknowledgement-withdrawn", source},
                          [&] { keeper_.withdraw(source); });
    });
}

void StatusBoard::drop(const char* source) {
    rpc::serve("drop", [&] {
        const UserSession session = sessions_.require(Right::manageTasks);
        sessions_.audited(session, {"source-dropped", source}, [&] { keeper_.drop(source); });
    });
}

}  // namespace coffer
