#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/base/clock.h"
#include "core/base/guarded.h"

namespace coffer {

/// Something to be said to an agent.
struct AgentCall {
    enum class What { order, cancel };
    What what = What::order;
    std::string agent;
    std::int64_t run = 0;
    std::uint64_t visit = 0;   // which of the agent's attachments it is meant for
    std::uint32_t repeat = 0;  // attempt of an order whose answer has not come; 0: a new attempt
};

/// Which agents are attached, and what has to be said to them and when. One call at a time to an
/// agent, and a pause after one that failed: an agent that has stopped takes one thread for the
/// time of a deadline and delays nobody else. Safe to share between threads.
class CallDesk {
  public:
    explicit CallDesk(const Clock& clock) : clock_(clock) {}

    /// An agent has attached, or has gone. What was to be said before is forgotten either way.
    void arrive(const std::string& agent);
    void leave(const std::string& agent);
    bool isAttached(const std::string& agent) const;

    /// Whether the agent is still attached as it was at that visit.
    bool isVisiting(const std::string& agent, std::uint64_t visit) const;

    /// Enters what is to be said to an attached agent; nothing happens for one that is away. A
    /// cancel goes before orders. An order replaces what was there for the same run.
    void order(const std::string& agent, std::int64_t run, std::chrono::seconds pause = {},
               std::uint32_t repeat = 0);
    void cancel(const std::string& agent, std::int64_t run);

    /// The next thing that may be said now; from then on nobody else gets anything of this agent
    /// until `done` or `failed`.
    std::optional<AgentCall> next();

    /// The same, but waits for it. Nothing after stop().
    std::optional<AgentCall> wait();

    /// An order is on its way: if nobody hears of an answer, it is repeated under this attempt.
    void sending(const AgentCall& call, std::uint32_t attempt);

    void done(const AgentCall& call);

    /// It is said again after a pause, unless something else has come of it meanwhile.
    void failed(const AgentCall& call);

    void stop();

  private:
    struct Order {
        Timestamp due;
        std::uint32_t repeat = 0;
    };
    struct Agent {
        bool attached = false;
        std::uint64_t visit = 0;
        std::optional<AgentCall> atWork;  // somebody is saying this to it
        unsigned failures = 0;
        Timestamp quietUntil;
        std::map<std::int64_t, Order> orders;
        std::set<std::int64_t> cancels;
    };
    struct State {
        std::map<std::string, Agent> agents;  // attached, or being called
        std::string last;                     // served last
        std::uint64_t visits = 0;
        std::uint64_t changes = 0;
        bool stopped = false;
    };

    template <class Work>
    void change(Work&& work);
    template <class Work>
    void end(const AgentCall& call, Work&& work);

    const Clock& clock_;
    Guarded<State> state_;
};

}  // namespace coffer
