#pragma once

#include <chrono>

#include <omniORB4/CORBA.h>

namespace coffer::rpc {

/// When a call that may wait so long has to answer. Throws Error(invalidArgument) for more than
/// 20,000 milliseconds, which is well within the deadline of a call.
std::chrono::steady_clock::time_point endOfWait(CORBA::ULong waitMs);

}  // namespace coffer::rpc
