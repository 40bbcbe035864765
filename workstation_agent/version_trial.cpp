#include "workstation_agent/version_trial.h"

#include <algorithm>

#include "core/agent/hook_process.h"
#include "core/agent/trusted_program.h"
#include "core/base/error.h"
#include "core/service/stop_signal.h"
#include "workstation_agent/program_start.h"

namespace coffer {

namespace {

using namespace std::chrono_literals;

constexpr auto examination = 20s;
constexpr std::size_t toldLines = 3;

// Programs of a version get nothing of this process's environment.
const std::vector<std::string> environment{
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};

// How it ended, with the last that it said.
std::string toldBy(const HookEnd& end) {
    std::string told = end.how;
    const std::size_t count = std::min(end.lines.size(), toldLines);
    for (std::size_t at = end.lines.size() - count; at < end.lines.size(); ++at) {
        told += ": " + end.lines[at];
    }
    return told;
}

void examine(const std::string& program, const std::string& expected, const CancelToken& cancel) {
    prepareProgram(program);
    HookCall call;
    call.words = {program, "--version"};
    call.environment = environment;
    call.timeLimit = examination;
    call.patience = [&]() -> std::chrono::milliseconds {
        return cancel.requested() ? 0s : examination;
    };
    const HookEnd end = runHook(call);
    cancel.check();
    if (end.succeeded && end.lines == std::vector{expected}) return;
    throw Error(ErrorCode::corrupt,
                program + " does not say that it is " + expected + ": " + toldBy(end));
}

}  // namespace

VersionChoice::Trial runTrial(const TrialRun& trial, const std::string& program, std::string& why) {
    StopSignal::ready();  // a service manager need not wait for the end of the trial
    bool stopped = false;
    HookCall call;
    call.words = {program, "--state", trial.state, "--config", trial.settings, "run", "--trial"};
    call.environment = environment;
    call.timeLimit = trial.limit;
    call.patience = [&]() -> std::chrono::milliseconds {
        stopped = stopped || StopSignal::isPending();
        return stopped ? 0ms : 24h;
    };
    const HookEnd end = runHook(call);
    if (end.succeeded) return VersionChoice::Trial::attached;
    why = "it did not attach: " + toldBy(end);
    return stopped ? VersionChoice::Trial::interrupted : VersionChoice::Trial::failed;
}

void prepareProgram(const std::string& program) {
    makeExecutable(program);
    checkTrustedProgram(program);
}

void examineVersion(const VersionFolder& folder, const Version& version,
                    const CancelToken& cancel) {
    for (const char* name : {UpdateManifest::agentProgram, UpdateManifest::workerProgram}) {
        examine(folder.fileOf(version, name), std::string(name) + " " + version.text(), cancel);
    }
}

}  // namespace coffer
