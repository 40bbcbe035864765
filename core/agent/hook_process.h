#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace coffer {

/// A program of this computer's administrator, to be run by itself.
struct HookCall {
    std::vector<std::string> words;        // the program's absolute path, then its arguments
    std::vector<std::string> environment;  // "NAME=value", all that it gets

    std::chrono::milliseconds timeLimit{};
    std::chrono::milliseconds grace{5'000};  // between SIGTERM and SIGKILL

    /// Asked ten times a second: how long it may go on from now on at most.
    std::function<std::chrono::milliseconds()> patience;
};

/// How it ended.
struct HookEnd {
    bool succeeded = false;  // exit code 0, within its time
    std::string how;         // for people: "exit code 3", "stopped after 600 s, its time limit"
    std::vector<std::string> lines;  // of its output, as HookOutput keeps them
    std::uint64_t octets = 0;        // of its output
};

/// Runs the program without a shell, in the root folder and a process group of its own, its
/// standard input empty; standard output and error come together, are kept up to a point and read
/// to the end. When its time is over, or its patience, the group gets SIGTERM and then SIGKILL.
/// What of the group is left when the program ends is killed, and who has left the group writes to
/// nobody. Takes no longer than the time limit, twice the grace and 5 s. Throws Error when it
/// cannot be started. Safe to call from several threads; SIGPIPE is ignored.
HookEnd runHook(const HookCall& call);

}  // namespace coffer
