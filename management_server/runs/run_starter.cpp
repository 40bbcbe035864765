#include "management_server/runs/run_starter.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/repository/chunk_reader.h"
#include "core/repository/read_session.h"
#include "core/snapshot/snapshot_catalog.h"
#include "core/snapshot/tree_reader.h"
#include "management_server/runs/sync_choice.h"

namespace coffer {

namespace {

constexpr std::size_t shownDigits = 8;  // of an id

RunRecord runOf(const char* kind, const std::string& user, const std::string& repository,
                const RunTexts& options) {
    RunRecord run;
    run.kind = kind;
    run.user = user;
    run.repository = repository;
    run.options = options;
    run.priority = takePriority(run.options);
    return run;
}

void requirePaths(Repository& repository, const Snapshot& snapshot,
                  const std::vector<std::string>& what) {
    if (what.empty()) return;
    ReadSession session(repository);
    ChunkReader chunks(session, repository.keys().domain(snapshot.domain).key);
    during("snapshot " + snapshot.id.hex().substr(0, shownDigits), [&] {
        for (const std::string& path : what) nodeAt(chunks, snapshot.root, path);
    });
}

// An option that is used up.
std::string taken(RunTexts& options, const char* name) {
    const auto option = options.extract(name);
    return option ? option.mapped() : std::string();
}

}  // namespace

void RunStarter::requireKit(const std::string& repository) const {
    if (repositories_.open(repository)->kitConfirmed()) return;
    throw Error(ErrorCode::conflict,
                "the recovery kit of repository '" + repository +
                    "' has not been confirmed yet: keep it in a safe place first "
                    "(coffer repo recovery-kit)");
}

Snapshot RunStarter::chosen(Repository& repository, const std::string& name,
                            RunTexts& options) const {
    const std::string agent = taken(options, "only-agent");
    const std::string tag = taken(options, "only-tag");
    if (agent.empty() && tag.empty()) return findSnapshot(repository, name);
    if (name != "latest") {
        throw Error(ErrorCode::invalidArgument,
                    "only-agent and only-tag choose the latest: name a snapshot or these");
    }
    const auto nameOf = names_ ? names_() : [](const AgentId&) { return std::string(); };
    std::vector<SnapshotInfo> fitting = repository.ledger().snapshots();
    std::erase_if(fitting, [&](const SnapshotInfo& info) {
        return !info.isShown() || (!agent.empty() && nameOf(info.registration.agent) != agent) ||
               (!tag.empty() && !std::ranges::count(info.mark.tags, tag));
    });
    if (!fitting.empty()) return loadNewest(repository, fitting);
    throw Error(ErrorCode::notFound, "there is no snapshot" +
                                         (agent.empty() ? "" : " of agent " + printable(agent)) +
                                         (tag.empty() ? "" : " with tag " + printable(tag)));
}

RunRecord RunStarter::backup(const std::string& user, const std::string& agent,
                             const BackupChoice& choice, const std::string& repository,
                             const RunTexts& options) const {
    agents_.identity(agent);
    requireKit(repository);
    RunRecord run = runOf(run_kind::backup, user, repository, options);
    run.agent = agent;
    run.what = choice.what;
    run.patterns = choice.patterns;
    return run;
}

RunRecord RunStarter::restore(const std::string& user, const std::string& repository,
                              const std::string& snapshot, const std::vector<std::string>& what,
                              const std::string& agent, const std::string& target,
                              const RunTexts& options, const Check& check) const {
    agents_.identity(agent);
    const std::shared_ptr<Repository> opened = repositories_.open(repository);
    RunTexts rest = options;
    const Snapshot found = chosen(*opened, snapshot, rest);
    RunRecord run = runOf(run_kind::restore, user, repository, rest);
    run.agent = agent;
    run.snapshot = found.id.hex();
    run.what = what;
    run.target = target;
    check(run);
    requirePaths(*opened, found, what);
    return run;
}

RunRecord RunStarter::ofRepository(const char* kind, const std::string& user,
                                   const std::string& repository, const RunTexts& options) const {
    repositories_.open(repository);
    return runOf(kind, user, repository, options);
}

RunRecord RunStarter::replica(const std::string& user, const std::string& repository,
                              const std::string& folder, const RunTexts& options) const {
    RunRecord run = ofRepository(run_kind::replicate, user, repository, options);
    run.target = folder;
    return run;
}

RunRecord RunStarter::copy(const std::string& user, const std::string& repository,
                           const std::string& target, const std::vector<std::string>& snapshots,
                           const RunTexts& options) const {
    const std::shared_ptr<Repository> from = repositories_.open(repository);
    requireKit(target);
    if (target == repository) {
        throw Error(ErrorCode::invalidArgument, "a snapshot is copied into another repository");
    }
    std::string ids;
    for (const std::string& name : snapshots) {
        ids += (ids.empty() ? "" : ",") + findSnapshotInfo(*from, name).registration.id.hex();
    }
    RunRecord run = runOf(run_kind::copy, user, repository, options);
    run.target = target;
    if (!ids.empty()) run.options["snapshots"] = ids;
    return run;
}

RunRecord RunStarter::synchronise(RunRecord run) const {
    for (const AgentFolder& folder : foldersOf(run)) agents_.identity(folder.agent);
    return run;
}

RunRecord RunStarter::rehearsal(const std::string& user, const std::string& repository,
                                const std::string& snapshot, const std::vector<std::string>& what,
                                const RunTexts& options, const Check& check) const {
    const std::shared_ptr<Repository> opened = repositories_.open(repository);
    RunTexts rest = options;
    const Snapshot found = chosen(*opened, snapshot, rest);
    RunRecord run = runOf(run_kind::rehearsal, user, repository, rest);
    run.snapshot = found.id.hex();
    run.what = what;
    if (names_) run.options[onlyAgentOption] = names_()(found.agent);
    check(run);
    requirePaths(*opened, found, what);
    return run;
}

}  // namespace coffer
