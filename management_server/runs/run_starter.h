#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/rpc/store/repository_provider.h"
#include "core/snapshot/snapshot.h"
#include "management_server/runs/agent_calls.h"
#include "management_server/runs/run_options.h"
#include "management_server/runs/run_record.h"

namespace coffer {

/// Makes runs out of what users ask for, once it is sure that they can be begun: agent, repository
/// and snapshot are there. Safe to share between threads.
class RunStarter {
  public:
    /// Name of an agent by its id, at the moment at which this was asked for.
    using AgentNames = std::function<std::function<std::string(const AgentId&)>()>;

    /// All outlive it. Without names no snapshot is chosen by its agent.
    RunStarter(AgentCalls& agents, rpc::RepositoryProvider& repositories, AgentNames names = {})
        : agents_(agents), repositories_(repositories), names_(std::move(names)) {}

    /// All throw Error(notFound) for what is not there, (conflict) for a revoked agent and for a
    /// backup to a repository whose recovery kit nobody has confirmed.
    RunRecord backup(const std::string& user, const std::string& agent, const BackupChoice& choice,
                     const std::string& repository, const RunTexts& options) const;

    /// Asked when it is known whose snapshot it is, before anything looks into that; throws what it
    /// throws.
    using Check = std::function<void(const RunRecord& run)>;

    /// "latest" is, with option "only-agent" or "only-tag", the newest of that agent, with that
    /// tag.
    RunRecord restore(
        const std::string& user, const std::string& repository, const std::string& snapshot,
        const std::vector<std::string>& what, const std::string& agent, const std::string& target,
        const RunTexts& options, const Check& check = [](const RunRecord&) {}) const;

    /// One about the whole of a repository: run_kind::verify, prune or repair.
    RunRecord ofRepository(const char* kind, const std::string& user, const std::string& repository,
                           const RunTexts& options) const;
    RunRecord replica(const std::string& user, const std::string& repository,
                      const std::string& folder, const RunTexts& options) const;

    /// Also (conflict) when the recovery kit of the target was not confirmed. Of `snapshots`, which
    /// may be named by the beginnings of their ids; none: as the options say.
    RunRecord copy(const std::string& user, const std::string& repository,
                   const std::string& target, const std::vector<std::string>& snapshots,
                   const RunTexts& options) const;

    /// Of what syncRun() has made.
    RunRecord synchronise(RunRecord run) const;
    RunRecord rehearsal(
        const std::string& user, const std::string& repository, const std::string& snapshot,
        const std::vector<std::string>& what, const RunTexts& options,
        const Check& check = [](const RunRecord&) {}) const;

  private:
    void requireKit(const std::string& repository) const;
    Snapshot chosen(Repository& repository, const std::string& name, RunTexts& options) const;

    AgentCalls& agents_;
    rpc::RepositoryProvider& repositories_;
    const AgentNames names_;
};

}  // namespace coffer
