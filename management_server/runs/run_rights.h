#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "management_server/access/session_table.h"
#include "management_server/runs/runs.h"

namespace coffer {

/// What a run is about.
Scope scopeOf(const RunRecord& run);

/// What it takes to start a run of that kind, and to stop it.
Right rightToStart(std::string_view kind);

/// A right over a part of the network.
struct RightOver {
    Right right;
    Scope scope;
};

/// What a synchronisation takes: to read files of the source and to change those of the target; in
/// both directions both of both.
std::vector<RightOver> rightsToSynchronise(const RunRecord& run);

/// Who may see runs and have a say in them: asked by the servants with the caller's session. Safe
/// to share between threads.
class RunRights {
  public:
    /// Name of the agent whose snapshot it is; of one that is not there the empty name.
    using SnapshotAgent =
        std::function<std::string(const std::string& repository, const std::string& snapshot)>;

    /// Both outlive it.
    RunRights(SessionTable& sessions, Runs& runs, SnapshotAgent agentOf)
        : sessions_(sessions), runs_(runs), agentOf_(std::move(agentOf)) {}

    bool isShown(const UserSession& session, const RunRecord& run) const;

    /// A run that the caller may see. Error(notFound), (permissionDenied).
    RunRecord shown(std::int64_t run) const;

    /// That the caller may start such a run, and so stop it or let it wait.
    UserSession requireToStart(const RunRecord& run) const;

    /// What it takes to look at it is a right over all of these.
    static std::vector<Scope> scopesOf(const RunRecord& run);

    /// That the session has the right over the agent whose snapshot the run takes.
    void requireSource(const UserSession& session, Right right, const RunRecord& run) const;

  private:
    SessionTable& sessions_;
    Runs& runs_;
    const SnapshotAgent agentOf_;
};

}  // namespace coffer
