#pragma once

#include "core/base/clock.h"

namespace coffer {

/// Time that passes while the system runs, whatever its clock is set to; it stands still while the
/// system is suspended. Tells lengths of time, no dates. Safe to share between threads.
class SteadyClock : public Clock {
  public:
    Timestamp now() const override;
};

}  // namespace coffer
