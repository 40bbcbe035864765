#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/steady_clock.h"
#include "core/rpc/store/run_token.h"
#include "core/service/system_facts.h"
#include "management_server/access/api_tokens.h"
#include "management_server/access/audit_log.h"
#include "management_server/access/authentication.h"
#include "management_server/access/caller_address.h"
#include "management_server/access/confirmations.h"
#include "management_server/access/permissions.h"
#include "management_server/access/second_factors.h"
#include "management_server/access/session_table.h"
#include "management_server/access/upcall.h"
#include "management_server/access/user_table.h"
#include "management_server/agents/agent_registry.h"
#include "management_server/agents/enrolment.h"
#include "management_server/catalog/catalogs.h"
#include "management_server/database/server_database.h"
#include "management_server/directory/ldap_directory.h"
#include "management_server/events/event_leases.h"
#include "management_server/events/event_recorder.h"
#include "management_server/notify/notifier.h"
#include "management_server/objects/agent_tree.h"
#include "management_server/rehearsals/rehearsal_folder.h"
#include "management_server/rehearsals/rehearsal_work.h"
#include "management_server/rehearsals/source_proofs.h"
#include "management_server/repositories/audit_witness.h"
#include "management_server/repositories/pack_rereader.h"
#include "management_server/repositories/pack_verifier.h"
#include "management_server/repositories/repository_removals.h"
#include "management_server/repositories/server_repositories.h"
#include "management_server/run_archive/run_archive.h"
#include "management_server/runs/agent_calls.h"
#include "management_server/runs/copy_work.h"
#include "management_server/runs/replicate_work.h"
#include "management_server/runs/runs.h"
#include "management_server/runs/synchronise_work.h"
#include "management_server/self_backup/self_backup.h"
#include "management_server/server/known_sources.h"
#include "management_server/server/own_files.h"
#include "management_server/server/server.h"
#include "management_server/server/server_certificate.h"
#include "management_server/server/store_handover.h"
#include "management_server/server/task_plans.h"
#include "management_server/settings/settings_keeper.h"
#include "management_server/snapshots/snapshot_chunks.h"
#include "management_server/snapshots/snapshot_manager.h"
#include "management_server/snapshots/snapshot_retention.h"
#include "management_server/snapshots/snapshot_shelf.h"
#include "management_server/status/status_keeper.h"
#include "management_server/tasks/task_editing.h"
#include "management_server/tasks/task_retention.h"
#include "management_server/tasks/task_scheduler.h"
#include "management_server/tasks/task_starter.h"
#include "management_server/tasks/tasks.h"
#include "management_server/updates/agent_updates.h"
#include "management_server/updates/package_shelf.h"
#include "management_server/updates/registry_update_calls.h"
#include "management_server/updates/update_desk.h"

namespace coffer {

/// What there is of a server without an Orb. Safe to share between threads as its members are.
class Server::Parts {
  public:
    explicit Parts(const ServerParts& parts);

    // Their threads tell parts that go before them.
    ~Parts() { verifier.stop(); }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    std::string agentOfSnapshot(const std::string& repository, const std::string& snapshot);

    void reportDamage(const PackDamage& damage);

    static std::vector<std::string> namesOf(const std::vector<RepositoryRecord>& records);

    std::map<std::string, Timestamp> removedRepositories() const;

    std::vector<std::string> tasksOfRepository(const std::string& name) const;

    std::vector<std::string> updatableAgents() const;

    std::string scratchFolder() const;

    std::vector<std::string> takenFolders() const;

    void renameAgent(const std::string& user, const std::string& agent, const std::string& name);

    std::function<std::string(const AgentId& agent)> agentNaming() const;

    void apply(const ServerSettings& fresh);

    /// Nothing goes for good before somebody could have taken it back (docs/retention.md).
    void emptyTrash();

    void emptyTrash(const std::string& repository);

    /// Within a transaction. Throws Error(notFound).
    static void requireUnrevoked(SqlDatabase& db, const std::string& agent);

    /// Likewise. Throws Error(conflict).
    static void requireNoRunIn(SqlDatabase& db, const std::string& repository);

    /// Likewise: all that has it by name but what has happened.
    static void forgetRepository(SqlDatabase& db, const std::string& repository);

    const ServerParts given;
    ServerDatabase database{given.folder.databaseFile()};
    EventRecorder events{database, given.clock};
    EventLeases eventLeases{database, given.clock};
    UserTable users{database, given.clock, given.hasher, given.settings.passwords};
    Permissions permissions{database};
    ApiTokens apiTokens{database, given.clock};
    SecondFactors secondFactors{database, given.clock};
    std::unique_ptr<LdapDirectory> directory;  // none unless settings name one
    Authentication authentication{users, apiTokens, secondFactors, given.clock,
                                  given.settings.logins};
    AuditLog audit{database, given.clock, callerAddress};
    Confirmations confirmations{database, given.clock, permissions, given.settings.confirmations};
    const SteadyClock steady;  // what is in use stays when the clock of the system is set
    AgentRegistry registry{database, given.clock, steady, &events};
    Enrolment enrolment{database, given.clock, given.authority, registry, &events};
    const rpc::RunTokens tokens{given.folder.storeKey(), given.clock};
    const std::unique_ptr<Disk> sharedDisk = makeSystemDisk(DiskAccess::group);
    const bool sharesRepositories = given.settings.storeAddress.has_value();
    ServerRepositories repositories{database,
                                    sharesRepositories ? *sharedDisk : given.folder.disk(),
                                    given.folder.path(), given.clock, sharesRepositories};
    std::optional<StoreHandover> handover;  // when a store runs beside the server
    AuditWitness witness{audit, repositories, given.folder.storeKey()};
    PackVerifier verifier{repositories, [this](const PackDamage& damage) { reportDamage(damage); },
                          [this] { runs.packsProved(); }};
    PackRereader rereader{{repositories, [this] { return namesOf(repositories.inService()); },
                           given.clock, given.settings.readDays,
                           [this](const PackDamage& damage) { reportDamage(damage); }}};
    SourceProofs proofs{database};
    SessionTable sessions{
        given.clock,
        sessionCalls([this](const std::string& user) { return permissions.of(user); },
                     [this](const std::vector<std::string>& groups) {
                         return permissions.ofGroups(groups);
                     }),
        given.settings.sessions};
    RegistryCalls agentCalls{registry};
    Runs runs{
        {database,
         events,
         agentCalls,
         repositories,
         [this](const rpc::RunGrant& grant) {
             if (handover) handover->tellAgents();
             return tokens.issue(grant);
         },
         given.clock,
         {{run_kind::rehearsal, rehearsalWork(scratchFolder(), proofs)},
          {run_kind::replicate,
           replicateWork(given.folder.disk(), [this] { return takenFolders(); })},
          {run_kind::copy, copyWork({repositories, [this] { return agentNaming(); },
                                     given.folder.path() + "/copies"})}},
         {{run_kind::synchronise,
           synchroniseWork(
               {[this](const std::string& agent, const CancelToken& cancel, bool wasThere) {
                    return std::make_unique<AgentTree>(
                        agent, [this](const std::string& name) { return registry.control(name); },
                        cancel, wasThere);
                },
                [this](const std::string& agent) { return agentCalls.identity(agent).id.hex(); },
                given.clock, given.folder.path() + "/synchronise"})}},
         requireUnrevoked,
         [this] { return agentNaming(); }},
        given.settings.runs};
    const KnownSources known{registry, proofs, runs};
    Tasks tasks{{database, events, given.clock,
                 [this](const std::string& agent) { agentCalls.identity(agent); },
                 [this](const std::string& name) { repositories.open(name); },
                 [this](const std::string& agent) { return registry.get(agent).fact("zone"); }}};
    TaskEditing taskEditing{tasks, &confirmations};
    TaskStarter taskStarter{runs, events, given.clock};
    TaskScheduler scheduler{tasks, taskStarter, runs, events, given.clock};
    ReaderPool readers;
    SnapshotShelf shelf;
    const SnapshotRetention retention{
        {.repositories = repositories,
         .shelf = shelf,
         .clock = given.clock,
         .histories = [this](const std::string& name) { return known.sourceRuns(name); },
         .graceSeconds = given.settings.graceSeconds}};
    SteadyTime attended;  // the trash waits for it
    TaskRetention taskRetention{
        {tasks, runs, events, repositories, retention,
         [this](const std::string& agent) { return agentCalls.identity(agent).id; }}};
    DamageWatch damageWatch{repositories, events, given.clock};
    StatusKeeper status{{.database = database,
                         .events = events,
                         .clock = given.clock,
                         .rules = given.settings.status,
                         .agents = [this] { return known.watchedAgents(); },
                         .proofs = [this] { return known.provenSources(); },
                         .plans = [this] { return plansOf(tasks.list()); },
                         .damage = [this] { return damageWatch.known(); },
                         .lookForDamage = [this] { return damageWatch.lookIfDue(); },
                         .removed = [this] { return removedRepositories(); }}};
    Notifier notifier{{.database = database,
                       .events = events,
                       .clock = given.clock,
                       .status = [this] { return status.report(); },
                       .recipients =
                           [this](const RecordedEvent& end) {
                               return tasks.recipients(std::string(end.value("task")),
                                                       runStateOf(end.value("state")),
                                                       end.value("message"));
                           },
                       .host = hostName()},
                      given.settings.notify};
    RunArchive archive{{database, repositories, given.clock, given.settings.runs.limits.runs,
                        given.folder.databaseFile()}};
    SelfBackup selfBackup{{.database = database,
                           .repositories = repositories,
                           .events = events,
                           .clock = given.clock,
                           .disk = given.folder.disk(),
                           .databasePath = given.folder.databaseFile(),
                           .files =
                               [this] {
                                   return ownFiles(given.folder, given.settingsFiles,
                                                   namesOf(repositories.list()));
                               }},
                          given.settings.selfBackup};
    PackageShelf packages{given.folder.disk(), given.folder.updatesFolder()};
    AgentUpdates agentUpdates{database, given.clock};
    RegistryUpdateCalls updateCalls{registry};
    UpdateDesk updateDesk{{agentUpdates, packages, updateCalls, events}};
    Catalogs catalogs{{repositories, [this] { return namesOf(repositories.inService()); },
                       [this](const std::string& name) {
                           return repositories.databasesOf(name) + "/catalog.db";
                       }}};
    RepositoryRemovals removals{
        {.repositories = repositories,
         .events = events,
         .audit = audit,
         .clock = given.clock,
         .graceSeconds = given.settings.repositoryGraceSeconds,
         .tasks = [this](const std::string& name) { return tasksOfRepository(name); },
         .requireNoRun = requireNoRunIn,
         .endRequests =
             [this](SqlDatabase& db, const std::string& name) {
                 Confirmations::repositoryChanged(db, name, given.clock.now());
             },
         .forget = forgetRepository,
         .gone =
             [this](const std::string& name) {
                 catalogs.forget(name);
                 archive.forget(name);
             }}};
    ServerCertificate certificate{given.authority, given.clock, given.folder.certificateFile(),
                                  given.settings.hosts};
    SettingsKeeper settings{
        {.database = database,
         .clock = given.clock,
         .rules = ServerSettings::rules(),
         .files = given.settingsFiles,
         .check = [](const SettingsFile& file) { ServerSettings::from(file); },
         .apply = [this](const SettingsFile& file) { apply(ServerSettings::from(file)); }}};
};

}  // namespace coffer
