#pragma once

#include <functional>

#include "core/base/clock.h"
#include "core/rpc/store/repository_provider.h"
#include "core/rpc/store/run_token.h"
#include "idl/agent.hh"
#include "management_server/runs/agent_calls.h"
#include "management_server/runs/run_record.h"

namespace coffer {

/// Makes orders out of runs: with the token that opens the store to them, and the agent entered in
/// the repository that it is about to write to. Safe to share between threads.
class OrderMaker {
  public:
    using Issue = std::function<Bytes(const rpc::RunGrant&)>;  // RunTokens::issue

    /// `store`: "host:port" of the one that runs beside the server; empty: there is none. The
    /// others outlive it.
    OrderMaker(AgentCalls& agents, rpc::RepositoryProvider& repositories, Issue issue,
               const Clock& clock, std::string store = {})
        : agents_(agents),
          repositories_(repositories),
          issue_(std::move(issue)),
          clock_(clock),
          store_(std::move(store)) {}

    /// Of a backup or restore; `run` has the number of the attempt. Throws Error when agent or
    /// repository cannot be used.
    Coffer::RunOrder make(const RunRecord& run) const;

  private:
    AgentCalls& agents_;
    rpc::RepositoryProvider& repositories_;
    const Issue issue_;
    const Clock& clock_;
    const std::string store_;
};

}  // namespace coffer
