#include "management_server/agents/agent_error.h"

namespace coffer {

bool mayTakeLater(const Error& error) {
    switch (error.code()) {
        case ErrorCode::unavailable:
        case ErrorCode::gone:  // an agent that has just begun anew
        case ErrorCode::busy:
        case ErrorCode::noSpace:
        case ErrorCode::ioError:
        case ErrorCode::limitExceeded:  // too many wait at the agent
        case ErrorCode::cancelled:      // this server is stopping
            return true;
        default:
            return error.retryAfter() > 0;
    }
}

}  // namespace coffer
