#include "management_server/runs/run_rights.h"

namespace coffer {

Scope scopeOf(const RunRecord& run) {
    return run.isOfServer() ? Scope{} : Scope::of(run.agent);
}

Right rightToStart(std::string_view kind) {
    if (kind == run_kind::restore) return Right::restore;
    if (kind == run_kind::prune) return Right::prune;
    if (kind == run_kind::repair || kind == run_kind::replicate || kind == run_kind::copy) {
        return Right::manageRepositories;
    }
    return Right::run;
}

bool RunRights::isShown(const UserSession& session, const RunRecord& run) const {
    return sessions_.may(session, Right::look, scopeOf(run));
}

RunRecord RunRights::shown(std::int64_t run) const {
    const UserSession session = sessions_.require(Right::look, Scope::some());
    RunRecord known = runs_.get(run);
    sessions_.check(session, Right::look, scopeOf(known));
    return known;
}

UserSession RunRights::requireToStart(const RunRecord& run) const {
    const Right right = rightToStart(run.kind);
    UserSession session = sessions_.require(right, scopeOf(run));
    if (run.kind == run_kind::restore) requireSource(session, right, run);
    return session;
}

void RunRights::requireSource(const UserSession& session, Right right, const RunRecord& run) const {
    sessions_.check(session, right, Scope::of(agentOf_(run.repository, run.snapshot)));
}

}  // namespace coffer
