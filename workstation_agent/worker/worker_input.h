#pragma once

#include <chrono>
#include <deque>
#include <string>

#include "core/agent/line_splitter.h"

namespace coffer {

/// What an agent's daemon says to its worker. Used by one thread at a time.
class WorkerInput {
  public:
    /// A descriptor that it is read from; standard input. Stays the caller's.
    explicit WorkerInput(int descriptor = 0);

    /// The first line, as long as an order may be. Waits for it. Throws Error(invalidArgument) when
    /// there is none.
    std::string order();

    enum class Said { nothing, cancel, end };

    /// What comes next, within this time. Other lines are passed over.
    Said next(std::chrono::milliseconds patience);

  private:
    bool readSome(int patienceMs);

    const int descriptor_;
    LineSplitter lines_;
    std::deque<LineSplitter::Line> ready_;
    bool ended_ = false;
};

}  // namespace coffer
