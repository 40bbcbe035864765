#include "management_server/runs/queue_board.h"

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_server/runs/live_runs.h"

namespace coffer {

namespace {

constexpr CORBA::ULong longestList = 1'000;
constexpr std::size_t longestReason = 500;

void put(const RunRecord& from, Coffer::QueuedRun& to) {
    to.run = from.number;
    to.kind = from.kind.c_str();
    to.agent = from.agent.c_str();
    to.repository = from.repository.c_str();
    to.task = from.task.c_str();
    to.user = from.user.c_str();
    to.state = std::string(nameOf(from.stand.state)).c_str();
    to.waitsFor = from.message.c_str();
    to.priority = from.priority;
    to.ordered = rpc::toMoment(from.ordered);
}

}  // namespace

Coffer::QueuedRuns* QueueBoard::list(CORBA::ULong atMost) {
    return rpc::serve("list", [&] {
        const UserSession session = sessions_.require(Right::look, Scope::some());
        if (atMost < 1 || atMost > longestList) {
            throw Error(ErrorCode::invalidArgument, "a list has 1 to 1,000 runs");
        }
        const std::vector<RunRecord> runs = runs_.queued(
            atMost, [&](const RunRecord& run) { return rights_.isShown(session, run); });
        Coffer::QueuedRuns_var list = new Coffer::QueuedRuns;
        list->length(static_cast<CORBA::ULong>(runs.size()));
        CORBA::ULong at = 0;
        for (const RunRecord& run : runs) put(run, list[at++]);
        return list._retn();
    });
}

void QueueBoard::pause(CORBA::LongLong run, const char* why) {
    rpc::serve("pause", [&] {
        const RunRecord known = rights_.shown(run);
        const UserSession session = rights_.requireToStart(known);
        const std::string reason = printable(boundedText(why, longestReason));
        sessions_.audited(session, {"run-paused", std::to_string(run)}, [&] {
            runs_.pause(run, "paused by " + session.user + (reason.empty() ? "" : ": " + reason));
        });
    });
}

void QueueBoard::setPriority(CORBA::LongLong run, CORBA::Long priority) {
    rpc::serve("setPriority", [&] {
        const RunRecord known = rights_.shown(run);
        const UserSession session = rights_.requireToStart(known);
        sessions_.audited(session, {"run-prioritised", std::to_string(run)},
                          [&] { runs_.setPriority(run, priority); });
    });
}

}  // namespace coffer
