#pragma once

#include "core/trust/pinned_authority.h"

namespace coffer::rpc {

/// A server puts into references the address that it knows of itself, which is of no use behind
/// NAT, with several networks, or in a container. So whoever dials out reaches objects where it
/// reached the server that told of them, over the same connection. Lives as CallerHooks do, in
/// programs that dial out.
class DialledAddresses {
  public:
    DialledAddresses();
    ~DialledAddresses();
    DialledAddresses(const DialledAddresses&) = delete;
    DialledAddresses& operator=(const DialledAddresses&) = delete;
};

/// While it lives, references that this thread takes in lead to this server; without one, where
/// they say.
class Dialling {
  public:
    Dialling();
    explicit Dialling(const Endpoint& server);
    ~Dialling();
    Dialling(const Dialling&) = delete;
    Dialling& operator=(const Dialling&) = delete;
};

}  // namespace coffer::rpc
