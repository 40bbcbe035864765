#include "workstation_agent/worker/carry_out.h"

#include <exception>

#include "core/base/error.h"
#include "workstation_agent/worker/backup_run.h"
#include "workstation_agent/worker/restore_run.h"

namespace coffer {

namespace {

// Whether the same may go better another time.
bool mayPass(const Error& error) {
    return error.code() == ErrorCode::unavailable || error.code() == ErrorCode::gone ||
           error.code() == ErrorCode::busy || error.retryAfter() > 0;
}

std::string outcomeOf(const Error& error, const RunWay& way) {
    if (way.cancel.requested()) return way.isCancelled() ? "cancelled" : "interrupted";
    return mayPass(error) ? "interrupted" : "failed";
}

WorkerResult run(const WorkerOrder& order, const RunWay& way, RunReporter& reporter) {
    const Coffer::Store_var store = way.store();
    const RunWorld world{store, way.cancel, way.clock, way.retry, reporter};
    if (order.kind == "backup") return backUp(order, world);
    if (order.kind == "restore") return restore(order, world);
    throw Error(ErrorCode::unsupported, "this worker knows no run of that kind");
}

}  // namespace

WorkerResult carryOut(const WorkerOrder& order, const RunWay& way) {
    RunReporter reporter(way.report, way.betweenReports);
    WorkerResult result;
    try {
        return run(order, way, reporter);
    } catch (const Error& error) {
        result.outcome = outcomeOf(error, way);
        result.message = error.what();
    } catch (const std::exception& error) {
        result.outcome = "failed";
        result.message = std::string("internal error: ") + error.what();
    }
    result.counts = reporter.counts();
    return result;
}

}  // namespace coffer
