#include "core/rpc/store/store_calls.h"

namespace coffer::rpc {

namespace {

// About the session or the way to it, not about a chunk or a pack.
bool concernsAll(const Error& error) {
    switch (error.code()) {
        case ErrorCode::unavailable:
        case ErrorCode::gone:
        case ErrorCode::loginAgain:
        case ErrorCode::permissionDenied:
        case ErrorCode::unsupported:
        case ErrorCode::limitExceeded:
        case ErrorCode::busy:
        case ErrorCode::cancelled:
            return true;
        default:
            return false;
    }
}

}  // namespace

void StoreCalls::operator()(const char* doing, const std::function<void()>& work) const {
    try {
        repeat(
            retry, cancel, [&] { call(doing, work); }, waiting);
    } catch (const Error& error) {
        if (concernsAll(error)) throw error.endingRun();
        throw;
    }
}

void checkAnswer(bool good) {
    if (good) return;
    throw Error(ErrorCode::corrupt, "the server's answer makes no sense").endingRun();
}

}  // namespace coffer::rpc
