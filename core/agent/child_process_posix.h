#pragma once

#include <sys/types.h>

#include <string>

#include "core/base/unique_fd.h"

namespace coffer {

/// A child of this process. Nothing but its standard streams is passed on to it: no further
/// descriptor, no blocked or ignored signal. Used by one thread. Destruction kills and reaps it.
class ChildProcess {
  public:
    /// Starts `program` without arguments, in the root folder and a process group of its own, so
    /// that a terminal's signals do not reach it. Borrows the descriptors, which are above 2.
    /// Throws Error.
    ChildProcess(const std::string& program, int input, int output, int error);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// For poll(2): readable once it has ended.
    int descriptor() const { return descriptor_.get(); }

    /// Whether it has ended; from then on nothing can reach another process of its number.
    bool ended();

    /// Sends a signal; nothing when it has ended.
    void signal(int number);

    /// How it ended, for people.
    std::string ending() const;

  private:
    pid_t process_ = -1;  // until it was reaped
    int status_ = 0;
    UniqueFd descriptor_;
};

}  // namespace coffer
