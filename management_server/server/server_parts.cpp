#include "management_server/server/server_parts.h"

#include "core/base/printable.h"
#include "core/service/log.h"
#include "core/snapshot/snapshot_catalog.h"
#include "management_server/agents/agent_rows.h"
#include "management_server/runs/option_renaming.h"
#include "management_server/runs/run_table.h"
#include "management_server/status/source_table.h"
#include "management_server/tasks/task_table.h"

namespace coffer {

Server::Parts::Parts(const ServerParts& parts) : given(parts) {
    RehearsalFolder::clear(scratchFolder());
    repositories.enterForgotten();
    repositories.onChange([this](const std::string& name) {
        verifier.look(name);
        archive.look();
        catalogs.look();
    });
    if (given.settings.storeAddress) {
        repositories.keepSeedsFromGroup();
        std::vector<std::string> hosts = given.settings.hosts;
        hosts.push_back(given.settings.storeAddress->host);
        handover.emplace(*sharedDisk, given.folder, given.authority, registry, given.clock,
                         std::move(hosts));
    }
    registry.tell(runs.listener());
    sessions.auditTo(audit);
    if (given.settings.directory) {
        directory = std::make_unique<LdapDirectory>(*given.settings.directory);
        authentication.askAlso(*directory, permissions);
    }
}

std::function<std::string(const AgentId& agent)> Server::Parts::agentNaming() const {
    return [names = known.agentNames()](const AgentId& id) { return nameOf(names, id); };
}

// Of a snapshot that is not there nobody's.
std::string Server::Parts::agentOfSnapshot(const std::string& repository,
                                           const std::string& snapshot) {
    try {
        const auto info = findSnapshotInfo(*repositories.open(repository), snapshot);
        return nameOf(known.agentNames(), info.registration.agent);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound) throw;
        return {};
    }
}

void Server::Parts::reportDamage(const PackDamage& damage) {
    events.add(
        "pack-damaged", damage.repository,
        "pack " + damage.pack.hex() + " of " + damage.repository + " is damaged: " + damage.message,
        {{"pack", damage.pack.hex()}, {"agent", damage.agent.hex()}});
}

std::vector<std::string> Server::Parts::namesOf(const std::vector<RepositoryRecord>& records) {
    std::vector<std::string> names;
    for (const RepositoryRecord& record : records) names.push_back(record.name);
    return names;
}

std::map<std::string, Timestamp> Server::Parts::removedRepositories() const {
    std::map<std::string, Timestamp> removed;
    for (const RepositoryRecord& record : repositories.list()) {
        if (record.removal) removed.emplace(record.name, record.removal->due);
    }
    return removed;
}

std::vector<std::string> Server::Parts::tasksOfRepository(const std::string& name) const {
    std::vector<std::string> names;
    for (const KnownTask& each : tasks.list()) {
        if (!each.task || !each.task->enabled()) continue;
        if (each.task->repository() == name || each.task->copyTarget() == name) {
            names.push_back(each.record.name);
        }
    }
    return names;
}

std::vector<std::string> Server::Parts::updatableAgents() const {
    std::vector<std::string> names;
    for (const AgentRecord& agent : registry.list()) {
        if (!agent.revoked && !agent.suspended) names.push_back(agent.name);
    }
    return names;
}

std::string Server::Parts::scratchFolder() const {
    const std::string& chosen = given.settings.scratch;
    return chosen.empty() ? given.folder.path() + "/scratch" : chosen;
}

// In and around which nothing else may be kept.
std::vector<std::string> Server::Parts::takenFolders() const {
    std::vector<std::string> folders{given.folder.path()};
    for (const RepositoryRecord& record : repositories.list()) folders.push_back(record.folder);
    return folders;
}

// In one transaction: all that has it by name (docs/access.md).
void Server::Parts::renameAgent(const std::string& user, const std::string& agent,
                                const std::string& name) {
    std::vector<std::string> tokensOfIt;
    std::vector<TaskRecord> tasksOfIt;
    // Also when telling of it fails: it has happened then.
    const auto follow = [&] {
        permissions.reload();
        for (const std::string& token : tokensOfIt) sessions.endToken(token);
    };
    try {
        registry.rename(agent, name, [&](SqlDatabase& db) {
            RunTable(db).renameAgent(agent, name);
            renameAgentInOptions(db, agent, name);
            SourceTable(db).renameAgent(agent, name);
            tasksOfIt = TaskTable(db).renameAgent(agent, name, user, given.clock.now());
            AgentUpdates::renameAgent(db, agent, name);
            Confirmations::agentRenamed(db, agent, name, given.clock.now());
            tokensOfIt = Permissions::renameAgent(db, agent, name);
        });
    } catch (...) {
        follow();
        throw;
    }
    follow();
    for (const TaskRecord& task : tasksOfIt) tasks.tellRewritten(user, task);
}

// What of them counts without a new start: those whose rule says so (SettingUse::live).
void Server::Parts::apply(const ServerSettings& fresh) {
    sessions.setAges(fresh.sessions.idleSeconds, fresh.sessions.ageSeconds);
    authentication.setLimits(fresh.logins);
    users.setPolicy(fresh.passwords);
    runs.setLimits(fresh.runs);
    archive.setKept(fresh.runs.limits.runs);
    selfBackup.setLimits(fresh.selfBackup);
    status.setRules(fresh.status);
    notifier.setDigestMinute(fresh.notify.mail ? fresh.notify.mail->digestMinute
                                               : std::optional<int>());
    setLogLevel(fresh.log.level);
}

void Server::Parts::emptyTrash() {
    if (!attended.couldAct(given.clock.now(), given.settings.graceSeconds)) return;
    for (const RepositoryRecord& repository : repositories.inService()) {
        try {
            emptyTrash(repository.name);
        } catch (const Error& error) {
            log(LogLevel::warning, "trash.kept",
                {{"repository", repository.name}, {"message", error.what()}});
        }
    }
}

void Server::Parts::emptyTrash(const std::string& repository) {
    for (const SnapshotId& id : retention.emptyTrash(repository)) {
        log(LogLevel::info, "snapshot.gone", {{"repository", repository}, {"snapshot", id.hex()}});
        events.add("snapshot-gone", id.hex(),
                   "the grace period of snapshot " + id.hex() + " of " + repository + " is over",
                   {{"repository", repository}});
    }
}

void Server::Parts::requireUnrevoked(SqlDatabase& db, const std::string& agent) {
    const auto found = readAgent(db, agent);
    if (!found || found->revoked) {
        throw Error(ErrorCode::notFound, "no agent is called " + agent + " any more");
    }
}

void Server::Parts::requireNoRunIn(SqlDatabase& db, const std::string& repository) {
    const auto run = RunTable(db).activeIn(repository);
    if (!run) return;
    const std::string number = std::to_string(*run);
    throw Error(ErrorCode::conflict, "run " + number +
                                         " uses it and has not ended: wait for it, "
                                         "or 'coffer cancel " +
                                         number + "'");
}

void Server::Parts::forgetRepository(SqlDatabase& db, const std::string& repository) {
    SourceTable(db).removeRepository(repository);
    SourceProofs::forgetRepository(db, repository);
    SelfBackup::forgetRepository(db, repository);
}

}  // namespace coffer
