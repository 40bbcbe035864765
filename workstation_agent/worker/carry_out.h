#pragma once

#include <chrono>
#include <functional>

#include "core/agent/worker_pipe.h"
#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/rpc/failure.h"
#include "idl/repository.hh"

namespace coffer {

/// How a run is carried out, in a process of its own or on a thread. All references outlive it.
struct RunWay {
    std::function<Coffer::Store_ptr()> store;  // a reference, remote or in this process
    const CancelToken& cancel;                 // stops the run within two seconds…
    std::function<bool()> isCancelled;         // …for good if this says so, else to go on later
    std::function<void(const WorkerReport&)> report;  // progress and problems, one at a time
    const Clock& clock;
    rpc::RetryPolicy retry{};                       // while the store cannot be reached
    std::chrono::milliseconds betweenReports{500};  // of progress
};

/// Carries out one order, whatever happens: every end is a result. "interrupted" when another
/// attempt can go on: the store was away for too long, its session is gone, or a stop was asked
/// for that is no cancel.
WorkerResult carryOut(const WorkerOrder& order, const RunWay& way);

}  // namespace coffer
