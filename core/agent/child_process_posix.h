#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "core/base/unique_fd.h"

namespace coffer {

/// What a child process runs.
struct ChildProgram {
    std::vector<std::string> words;  // path of the program, then its arguments
    std::optional<std::vector<std::string>> environment{};  // "NAME=value"; none: as this process
};

/// A child of this process. Nothing but its standard streams is passed on to it: no further
/// descriptor, no blocked or ignored signal. Used by one thread. Destruction kills and reaps it.
class ChildProcess {
  public:
    /// Starts a program in the root folder and a process group of its own, so
    /// that a terminal's signals do not reach it. Borrows the descriptors, which are above 2.
    /// Throws Error.
    ChildProcess(const ChildProgram& program, int input, int output, int error);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// For poll(2): readable once it has ended.
    int descriptor() const { return descriptor_.get(); }

    /// Whether it has ended; from then on nothing can reach another process of its number.
    bool ended();

    /// Sends a signal; nothing when it has ended.
    void signal(int number);

    /// The same to it and all in its process group, also when it has ended and was not yet asked
    /// about (ended()): until then nobody else can have its number.
    void signalGroup(int number);

    /// How it ended: with exit code 0, and for people.
    bool exitedWithSuccess() const;
    std::string ending() const;

  private:
    pid_t process_ = -1;  // until it was reaped
    int status_ = 0;
    UniqueFd descriptor_;
};

}  // namespace coffer
