#pragma once

#include <optional>
#include <string>

#include "core/base/error.h"

namespace coffer::rpc {

/// omniORB tells of a handshake that failed only that there is no connection. Here stands why, of
/// the last handshake that this process began: a matter of trust does not pass by trying again.
/// Safe to share between threads.
void forgetRefusal();
void noteRefusal(const Error& refusal);  // the first one of a handshake stays
std::optional<Error> lastRefusal();

}  // namespace coffer::rpc
