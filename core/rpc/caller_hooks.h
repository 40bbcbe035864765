#pragma once

#include <omniORB4/CORBA.h>

namespace coffer::rpc {

/// Lets currentCaller() know who calls, while it lives. Made after ORB_init, before the first POA;
/// destroyed between shutdown and destroy.
class CallerHooks {
  public:
    explicit CallerHooks(CORBA::ORB_ptr orb);
    ~CallerHooks();
    CallerHooks(const CallerHooks&) = delete;
    CallerHooks& operator=(const CallerHooks&) = delete;
};

}  // namespace coffer::rpc
