#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "idl/agent.hh"

namespace coffer {

/// Who is told what agents do: the runs. Called by any thread, for different agents at once, and
/// never under a lock of the caller. What the agent says is hostile: counts and lengths have been
/// bounded, but runs may be foreign or unknown.
class AgentListener {
  public:
    virtual ~AgentListener() = default;

    /// An agent has attached; AgentRegistry::control gives its new callback already. The agent
    /// waits for the answer: calls to it belong on another thread.
    virtual void attached(const std::string& agent, const Coffer::RunProgressList& active,
                          const std::vector<std::int64_t>& unreported) = 0;

    /// It has gone: it said so, its heartbeats have failed to come, or the server is stopping.
    virtual void detached(const std::string& agent) = 0;

    virtual void progress(const std::string& agent, const Coffer::RunProgress& news) = 0;

    /// When it returns, the result is kept for good; told again, it changes nothing. What it throws
    /// reaches the agent, which tries again.
    virtual void finished(const std::string& agent, const Coffer::RunResult& result) = 0;

    /// Its certificates are refused from now on: its runs end. `detached` has come before when it
    /// was attached.
    virtual void revoked(const std::string& agent) = 0;
};

}  // namespace coffer
