#include "core/rpc/waiting.h"

#include "core/base/error.h"

namespace coffer::rpc {

namespace {
constexpr CORBA::ULong longestWaitMs = 20'000;
}

std::chrono::steady_clock::time_point endOfWait(CORBA::ULong waitMs) {
    if (waitMs > longestWaitMs) {
        throw Error(ErrorCode::invalidArgument, "waits 20,000 milliseconds at most");
    }
    return std::chrono::steady_clock::now() + std::chrono::milliseconds(waitMs);
}

}  // namespace coffer::rpc
