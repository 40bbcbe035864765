#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/rpc/store/repository_provider.h"
#include "management_server/agents/agent_listener.h"
#include "management_server/runs/agent_calls.h"
#include "management_server/runs/call_desk.h"
#include "management_server/runs/run_book.h"
#include "management_server/runs/run_result.h"

namespace coffer {

/// What agents tell of their runs, entered into the book; what has to be said to them in turn goes
/// to the desk. Safe to share between threads.
class AgentRuns : public AgentListener {
  public:
    /// All outlive it.
    AgentRuns(RunBook& book, CallDesk& desk, AgentCalls& calls,
              rpc::RepositoryProvider& repositories)
        : book_(book), desk_(desk), calls_(calls), repositories_(repositories) {}

    void attached(const std::string& agent, const Coffer::RunProgressList& active,
                  const std::vector<std::int64_t>& unreported) override;
    void detached(const std::string& agent) override;
    void progress(const std::string& agent, const Coffer::RunProgress& news) override;

    /// Throws Error(notFound) for a run that is not the agent's.
    void finished(const std::string& agent, const Coffer::RunResult& result) override;
    void revoked(const std::string& agent) override;

  private:
    void settle(RunBook::Page& page, RunRecord& run, AgentWord word);
    RunResultRecord checked(const RunRecord& run, RunResultRecord result);
    std::optional<RunResultRecord> committed(const RunRecord& run);
    std::shared_ptr<Repository> repositoryWith(const RunRecord& run, const std::string& snapshot);
    void enter(RunBook::Page& page, RunRecord& run, const RunResultRecord& result);
    void enterInterrupted(RunBook::Page& page, RunRecord& run, const RunResultRecord& result);

    RunBook& book_;
    CallDesk& desk_;
    AgentCalls& calls_;
    rpc::RepositoryProvider& repositories_;
};

}  // namespace coffer
