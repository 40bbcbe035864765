#include "management_server/runs/run_rights.h"

#include <algorithm>

#include "management_server/runs/sync_choice.h"

namespace coffer {

Scope scopeOf(const RunRecord& run) {
    if (!run.isOfServer()) return Scope::of(run.agent);
    const auto found = run.options.find(onlyAgentOption);
    const bool known = run.kind == run_kind::rehearsal && found != run.options.end();
    return known ? Scope::of(found->second) : Scope{};
}

Right rightToStart(std::string_view kind) {
    if (kind == run_kind::restore) return Right::restore;
    if (kind == run_kind::prune) return Right::prune;
    if (kind == run_kind::repair || kind == run_kind::replicate || kind == run_kind::copy) {
        return Right::manageRepositories;
    }
    return kind == run_kind::synchronise ? Right::changeFiles : Right::run;
}

std::vector<RightOver> rightsToSynchronise(const RunRecord& run) {
    const SyncChoice choice = SyncChoice::of(run);
    const auto over = [](const AgentFolder& folder) { return Scope::of(folder.agent); };
    std::vector<RightOver> rights{{Right::readFiles, over(choice.source)},
                                  {Right::readFiles, over(choice.target)},
                                  {Right::changeFiles, over(choice.target)}};
    if (choice.isTwoWay()) rights.push_back({Right::changeFiles, over(choice.source)});
    return rights;
}

std::vector<Scope> RunRights::scopesOf(const RunRecord& run) {
    if (run.kind != run_kind::synchronise) return {scopeOf(run)};
    const auto [source, target] = foldersOf(run);
    return {Scope::of(source.agent), Scope::of(target.agent)};
}

bool RunRights::isShown(const UserSession& session, const RunRecord& run) const {
    return std::ranges::all_of(scopesOf(run), [&](const Scope& scope) {
        return sessions_.may(session, Right::look, scope);
    });
}

RunRecord RunRights::shown(std::int64_t run) const {
    const UserSession session = sessions_.require(Right::look, Scope::some());
    RunRecord known = runs_.get(run);
    for (const Scope& scope : scopesOf(known)) sessions_.check(session, Right::look, scope);
    return known;
}

UserSession RunRights::requireToStart(const RunRecord& run) const {
    if (run.kind == run_kind::synchronise) {
        UserSession session = sessions_.require(Right::changeFiles, Scope::some());
        for (const RightOver& needed : rightsToSynchronise(run)) {
            sessions_.check(session, needed.right, needed.scope);
        }
        return session;
    }
    const Right right = rightToStart(run.kind);
    UserSession session = sessions_.require(right, scopeOf(run));
    if (run.kind == run_kind::restore) requireSource(session, right, run);
    return session;
}

void RunRights::requireSource(const UserSession& session, Right right, const RunRecord& run) const {
    sessions_.check(session, right, Scope::of(agentOf_(run.repository, run.snapshot)));
}

}  // namespace coffer
