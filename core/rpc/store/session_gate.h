#pragma once

#include <functional>
#include <string>
#include <utility>

#include "core/rpc/caller.h"
#include "core/rpc/leases.h"

namespace coffer::rpc {

/// Throws Error(permissionDenied) unless the caller is that agent, or in this process.
void requireAgent(const Caller& caller, const std::string& agent);

/// What every call of a session passes first. Safe to share.
class SessionGate {
  public:
    SessionGate(const Lease& lease, std::string agent, std::function<Caller()> caller)
        : lease_(lease), agent_(std::move(agent)), caller_(std::move(caller)) {}

    /// Keeps the session's lease while it lives. Throws Error(permissionDenied), or (gone) when the
    /// lease has ended.
    [[nodiscard]] Lease::Use enter() const {
        requireAgent(caller_(), agent_);
        return lease_.use();
    }

    /// Ends the session.
    void close() const {
        requireAgent(caller_(), agent_);
        lease_.drop();
    }

  private:
    const Lease lease_;
    const std::string agent_;
    const std::function<Caller()> caller_;
};

}  // namespace coffer::rpc
