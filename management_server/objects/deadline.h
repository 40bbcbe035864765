#pragma once

#include <chrono>

#include "core/rpc/failure.h"

namespace coffer {

/// Calls of this thread to agents end in time; what it calls later is not concerned.
class Deadline {
  public:
    explicit Deadline(std::chrono::milliseconds deadline) { rpc::setDeadline(deadline); }
    ~Deadline() { rpc::setDeadline({}); }
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;
};

}  // namespace coffer
