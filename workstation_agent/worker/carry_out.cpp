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

// What an error comes to. Once a stop was asked for, it is the stop that counts.
WorkerResult endOf(const Error& error, const RunWay& way) {
    WorkerResult result;
    if (way.cancel.requested()) {
        result.outcome = way.isCancelled() ? "cancelled" : "interrupted";
        if (!way.isCancelled()) result.message = "it was asked to stop";
    } else {
        result.outcome = mayPass(error) ? "interrupted" : "failed";
        result.message = error.what();
    }
    return result;
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
        result = endOf(error, way);
    } catch (const std::exception& error) {
        result.outcome = "failed";
        result.message = std::string("internal error: ") + error.what();
    }
    result.counts = reporter.counts();
    return result;
}

}  // namespace coffer
