#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace coffer {

/// Something that came from a worker.
struct WorkerEvent {
    enum class Kind {
        report,   // a line on its standard output
        remark,   // a line on its standard error
        ended,    // the process is gone, and everything it wrote has been given out
        nothing,  // woken, or the time is over
    };
    Kind kind = Kind::nothing;
    std::string text{};
    bool cut = false;  // the line was longer than a line may be
};

/// A worker that runs as a process of its own. Used by one thread, but for wake(). Destruction
/// kills what still runs.
class WorkerProcess {
  public:
    virtual ~WorkerProcess() = default;

    /// The next thing it says; waits for it up to `patience`.
    virtual WorkerEvent next(std::chrono::milliseconds patience) = 0;

    /// Puts text into its standard input, as soon as it takes it. Returns at once. The text may be
    /// secret and is wiped when it has been sent.
    virtual void send(std::string text) = 0;

    /// Ends its standard input, after what was sent.
    virtual void closeInput() = 0;

    /// Asks it to end, and makes it.
    virtual void terminate() = 0;
    virtual void kill() = 0;

    /// How it ended, once it has: "exit code 3", "signal 11 (Segmentation fault)".
    virtual std::string ending() const = 0;

    /// Makes next() return. Safe to call from any thread.
    virtual void wake() = 0;
};

/// Starts workers. Safe to share.
class WorkerLauncher {
  public:
    virtual ~WorkerLauncher() = default;

    /// Throws Error when the program cannot be started.
    virtual std::unique_ptr<WorkerProcess> launch() = 0;
};

/// Launches a program without arguments, in a process group of its own. Lines of its output have at
/// most 4 MiB, remarks 2,000 octets. Requires that SIGPIPE is ignored.
std::unique_ptr<WorkerLauncher> makeProcessLauncher(const std::string& program);

}  // namespace coffer
