#pragma once

#include <chrono>
#include <string>

#include "core/base/cancel.h"
#include "workstation_agent/version_choice.h"

namespace coffer {

/// What a trial is run with.
struct TrialRun {
    std::string state;     // folder, absolute
    std::string settings;  // file, absolute
    std::chrono::seconds limit{};
};

/// Runs `program --state … --config … run --trial`, until it has ended, its time is over, or a
/// signal asks this process to stop. Throws Error when it cannot be started.
VersionChoice::Trial runTrial(const TrialRun& trial, const std::string& program, std::string& why);

/// Makes a program executable, and throws unless nobody but root and this user could have changed
/// it.
void prepareProgram(const std::string& program);

/// Throws Error(corrupt) unless both programs of a version run here and say that they are of it,
/// (cancelled).
void examineVersion(const VersionFolder& folder, const Version& version, const CancelToken& cancel);

}  // namespace coffer
