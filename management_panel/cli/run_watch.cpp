#include "management_panel/cli/run_watch.h"

#include <chrono>
#include <iostream>

#include "core/base/guarded.h"
#include "core/console/exit_codes.h"
#include "core/console/process.h"
#include "core/console/progress_line.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/run_view.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

using namespace std::chrono_literals;

// How often progress is shown; the end of a run is told at once.
constexpr CORBA::ULong progressMs = 500;

constexpr rpc::RetryPolicy patience{500ms, 5s, 120s};

std::string goesOn(long long run) {
    const std::string number = std::to_string(run);
    return "run " + number + " goes on: 'coffer run show " + number +
           "' tells how far it is, 'coffer cancel " + number + "' stops it";
}

Coffer::RunInfo_var infoOf(Context& context, long long run, CORBA::ULong waitMs,
                           const std::function<void(const Error&)>& waiting = {}) {
    const auto runs = context.connection().runs();
    Coffer::RunInfo_var info;
    rpc::repeat(
        patience, context.cancel,
        [&] {
            info = client::inSession("look at the run", [&] { return runs->wait(run, waitMs); });
        },
        waiting);
    return info;
}

Coffer::RunInfo_var watch(Context& context, long long run, bool proven, Reporter& reporter) {
    Coffer::RunInfo_var info = infoOf(context, run, 0);
    Guarded<ProgressSample> sample(sampleOf(info));
    const std::string title = shown(info->kind.in()) + " " + std::to_string(run);
    const ProgressLine line(
        title, [&] { return sample.with([](const ProgressSample& s) { return s; }); }, reporter,
        context.options);
    while (!hasEnded(info) && (proven || !hasCommitted(info))) {
        context.cancel.check();
        info = infoOf(context, run, progressMs, [&](const Error&) {
            sample.with([](ProgressSample& s) { s.phase = "waiting for the server"; });
        });
        sample.with([&](ProgressSample& s) { s = sampleOf(info); });
    }
    return info;
}

void reportProblems(Context& context, const Coffer::RunInfo& run, Reporter& reporter) {
    if (run.problems == 0) return;
    const auto runs = context.connection().runs();
    Coffer::RunProblems_var problems =
        rpc::call("ask for the problems", [&] { return runs->problems(run.number); });
    for (CORBA::ULong i = 0; i < problems->length(); ++i) {
        const Coffer::RunProblem& problem = problems[i];
        reporter.warn({rpc::textOf(problem.where), errorCodeOf(problem.code.in()),
                       shown(problem.message.in())});
    }
    if (run.problems > problems->length()) {
        reporter.warn(std::to_string(run.problems - problems->length()) +
                      " further problems are not listed");
    }
}

}  // namespace

int waitForRun(Context& context, long long run, bool proven) {
    Reporter reporter(context.options);
    try {
        const Coffer::RunInfo_var info = watch(context, run, proven, reporter);
        reportProblems(context, info, reporter);
        if (context.options.json) {
            printJson(std::cout, jsonOf(info));
        } else if (!context.options.quiet) {
            printRun(std::cout, info);
        }
        const int code = exitCodeOf(info.in());
        if (code == exitFailed && context.options.quiet && !context.options.json) {
            reporter.warn("run " + std::to_string(run) + " failed: " + shown(info->message.in()));
        }
        return code;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) {
            reporter.note(goesOn(run));
            return exitCancelled;
        }
        throw error.within("wait for run " + std::to_string(run));
    }
}

void addWaitOptions(CLI::App& verb, WaitOptions& options) {
    verb.add_flag("--wait", options.wait,
                  "Wait for the end, of a backup until its snapshot is there, and tell the result");
    verb.add_flag("--wait-proven", options.proven,
                  "Wait until what a backup has stored has been verified, too");
}

int afterStart(Context& context, long long run, bool wait) {
    return afterStart(context, run, WaitOptions{wait, false});
}

int afterStart(Context& context, long long run, const WaitOptions& options) {
    if (options.wait || options.proven) return waitForRun(context, run, options.proven);
    if (context.options.json) {
        printJson(std::cout, {{"run", run}});
    } else if (!context.options.quiet) {
        std::cout << "run " << run << " was started\n";
        Reporter(context.options).note(goesOn(run));
    }
    return exitSuccess;
}

}  // namespace coffer::cli
