#pragma once

#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/trust/certificate.h"

namespace coffer::rpc {

/// Who makes the call that this thread is serving.
struct Caller {
    bool local = false;                    // a call within this process
    std::optional<CertificateFacts> peer;  // nothing: came without a certificate
    std::string address{};                 // the peer's, without its port; empty when local

    bool is(Role role) const { return peer && peer->role == role; }
};

/// Only within an upcall. A collocated call is `local`, whatever the thread served before.
Caller currentCaller();

/// The name of the agent or client that calls. Throws Error(permissionDenied) for anybody else.
std::string requireAgent();
std::string requireClient();

/// The id of the object that is being called, of which a default servant has many.
Bytes currentObjectId();

}  // namespace coffer::rpc
