#pragma once

#include "core/base/error.h"
#include "core/base/threads.h"
#include "management_server/runs/agent_calls.h"
#include "management_server/runs/call_desk.h"
#include "management_server/runs/order_maker.h"
#include "management_server/runs/run_book.h"

namespace coffer {

/// Says to the agents what the desk has for them. An order is in the book before it is sent, and
/// its outcome is entered afterwards. Started and stopped by one thread.
class Dispatcher {
  public:
    /// All outlive it.
    Dispatcher(RunBook& book, CallDesk& desk, AgentCalls& calls,
               rpc::RepositoryProvider& repositories, const OrderMaker& maker)
        : book_(book), desk_(desk), calls_(calls), repositories_(repositories), maker_(maker) {}
    ~Dispatcher() { stop(); }
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    /// So many agents may keep silent at a time before others have to wait.
    void start(unsigned threads);

    /// Waits for calls under way, which have deadlines.
    void stop();

    /// Says what may be said now, on this thread; without start(), for tests.
    void work();

  private:
    void perform(const AgentCall& call);
    void cancel(const AgentCall& call);
    void order(const AgentCall& call);
    std::optional<RunRecord> prepare(const AgentCall& call);
    bool hasCommitted(const RunRecord& run);
    void noteGeneration(RunRecord& run);
    void taken(const AgentCall& call, std::uint32_t attempt);
    void refused(const AgentCall& call, std::uint32_t attempt, const Error& error);

    RunBook& book_;
    CallDesk& desk_;
    AgentCalls& calls_;
    rpc::RepositoryProvider& repositories_;
    const OrderMaker& maker_;
    ThreadScope threads_;
};

}  // namespace coffer
