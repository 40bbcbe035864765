#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/base/cancel.h"
#include "core/pipeline/problem_log.h"
#include "core/pipeline/run_progress.h"
#include "core/repository/repository.h"
#include "management_server/runs/run_record.h"

namespace coffer {

/// What a run of the server itself works with, on one of its threads.
struct ServerTask {
    const RunRecord& run;
    Repository& repository;
    RunProgress& progress;
    ProblemLog& problems;  // the first are kept with the run
    const CancelToken& cancel;
};

/// How it ended.
struct ServerVerdict {
    RunOutcome outcome = RunOutcome::failed;
    std::string message;
    RunTexts counts;
};

/// Carries out the runs of one kind. An Error ends the run as failed, or as cancelled.
using ServerWork = std::function<ServerVerdict(const ServerTask&)>;

/// The same of a run that is about no repository.
struct FreeTask {
    const RunRecord& run;
    RunProgress& progress;
    ProblemLog& problems;
    std::function<void(RunProblemRecord)> note;  // an entry of its log, 10,000 at most
    const CancelToken& cancel;
};
using FreeWork = std::function<ServerVerdict(const FreeTask&)>;

/// By kind of run.
using ServerWorks = std::map<std::string, ServerWork>;
using FreeWorks = std::map<std::string, FreeWork>;

/// As the book has them while the run is at work.
inline RunTexts countsOf(const RunProgress& progress) {
    return {{"files", std::to_string(progress.files)},
            {"bytes", std::to_string(progress.bytes)},
            {"total-bytes", std::to_string(progress.totalBytes)}};
}

}  // namespace coffer
