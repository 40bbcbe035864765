#pragma once

#include <omniORB4/CORBA.h>

#include <string_view>

#include "core/rpc/tls_peer.h"

namespace coffer::rpc {

/// Lets currentCaller() know who calls, while it lives. Made after ORB_init, before the first POA;
/// destroyed between shutdown and destroy.
class CallerHooks {
  public:
    /// Each call of a peer that `accepts` (if there is one) refuses by now is refused; it outlives
    /// the hooks.
    CallerHooks(CORBA::ORB_ptr orb, const PeerCheck& accepts);
    ~CallerHooks();
    CallerHooks(const CallerHooks&) = delete;
    CallerHooks& operator=(const CallerHooks&) = delete;
};

/// omniORB's name for the peer's end of the connection whose call is being served; empty when it
/// came over none.
std::string_view currentConnection();

}  // namespace coffer::rpc
