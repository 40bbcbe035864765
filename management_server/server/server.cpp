#include "management_server/server/server.h"

#include "core/base/printable.h"
#include "core/rpc/leases.h"
#include "core/rpc/store/store_servant.h"
#include "core/service/log.h"
#include "core/service/system_facts.h"
#include "core/snapshot/snapshot_catalog.h"
#include "management_server/access/access_manager.h"
#include "management_server/access/audit_servant.h"
#include "management_server/access/caller_address.h"
#include "management_server/access/gate.h"
#include "management_server/access/request_board.h"
#include "management_server/access/session_servant.h"
#include "management_server/access/upcall.h"
#include "management_server/agents/agent_link.h"
#include "management_server/agents/agent_manager.h"
#include "management_server/agents/agent_port.h"
#include "management_server/agents/agent_rows.h"
#include "management_server/catalog/catalog_servant.h"
#include "management_server/directory/ldap_directory.h"
#include "management_server/events/event_log.h"
#include "management_server/metrics/metrics_collector.h"
#include "management_server/metrics/metrics_endpoint.h"
#include "management_server/notify/notifier.h"
#include "management_server/objects/agent_tree.h"
#include "management_server/objects/node_servants.h"
#include "management_server/rehearsals/rehearsal_folder.h"
#include "management_server/rehearsals/rehearsal_work.h"
#include "management_server/repositories/audit_witness.h"
#include "management_server/repositories/pack_rereader.h"
#include "management_server/repositories/pack_verifier.h"
#include "management_server/repositories/repository_manager.h"
#include "management_server/repositories/repository_removals.h"
#include "management_server/run_archive/run_archive.h"
#include "management_server/runs/copy_renaming.h"
#include "management_server/runs/copy_work.h"
#include "management_server/runs/queue_board.h"
#include "management_server/runs/replicate_work.h"
#include "management_server/runs/run_log.h"
#include "management_server/runs/run_manager.h"
#include "management_server/runs/run_table.h"
#include "management_server/runs/synchronise_work.h"
#include "management_server/self_backup/self_backup.h"
#include "management_server/server/housekeeping.h"
#include "management_server/server/known_sources.h"
#include "management_server/server/own_files.h"
#include "management_server/server/server_certificate.h"
#include "management_server/server/store_handover.h"
#include "management_server/server/task_plans.h"
#include "management_server/settings/settings_manager.h"
#include "management_server/snapshots/snapshot_manager.h"
#include "management_server/status/source_table.h"
#include "management_server/status/status_board.h"
#include "management_server/tasks/task_manager.h"
#include "management_server/tasks/task_retention.h"
#include "management_server/tasks/task_scheduler.h"
#include "management_server/tasks/task_table.h"
#include "management_server/trigger/task_trigger.h"
#include "management_server/updates/registry_update_calls.h"
#include "management_server/updates/update_depot.h"
#include "management_server/updates/update_manager.h"

namespace coffer {

namespace {

constexpr std::chrono::seconds round{5};
constexpr unsigned minute = 12;  // in rounds
constexpr unsigned hour = 60 * minute;
constexpr unsigned metricsRounds = 3;
constexpr std::chrono::seconds betweenUpdates{2};
constexpr std::chrono::seconds betweenHandovers{1};
constexpr unsigned handoversOfAMinute = 60;

// Each holds a few folders in memory, here or at an agent.
constexpr rpc::LeaseLimits iteratorLeases{.seconds = 300, .objects = 2'000, .objectsOfOwner = 50};

// Within a transaction.
void requireUnrevoked(SqlDatabase& database, const std::string& agent) {
    const auto found = readAgent(database, agent);
    if (!found || found->revoked) {
        throw Error(ErrorCode::notFound, "no agent is called " + agent + " any more");
    }
}

// Likewise.
void requireNoRunIn(SqlDatabase& database, const std::string& repository) {
    const auto run = RunTable(database).activeIn(repository);
    if (!run) return;
    const std::string number = std::to_string(*run);
    throw Error(ErrorCode::conflict, "run " + number +
                                         " uses it and has not ended: wait for it, "
                                         "or 'coffer cancel " +
                                         number + "'");
}

// Likewise: all that has it by name but what has happened.
void forgetRepository(SqlDatabase& database, const std::string& repository) {
    SourceTable(database).removeRepository(repository);
    SourceProofs::forgetRepository(database, repository);
    SelfBackup::forgetRepository(database, repository);
}

}  // namespace

class Server::Parts {
  public:
    // Their threads tell parts that go before them.
    ~Parts() { verifier.stop(); }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    explicit Parts(const ServerParts& parts) : given(parts) {
        RehearsalFolder::clear(scratchFolder());
        repositories.enterForgotten();
        repositories.onChange([this](const std::string& name) {
            verifier.look(name);
            archive.look();
            catalogs.look();
        });
        if (given.settings.storeAddress) {
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

    // Of a snapshot that is not there nobody's.
    std::string agentOfSnapshot(const std::string& repository, const std::string& snapshot) {
        try {
            const auto info = findSnapshotInfo(*repositories.open(repository), snapshot);
            return nameOf(known.agentNames(), info.registration.agent);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::notFound) throw;
            return {};
        }
    }

    void reportDamage(const PackDamage& damage) {
        events.add("pack-damaged", damage.repository,
                   "pack " + damage.pack.hex() + " of " + damage.repository +
                       " is damaged: " + damage.message,
                   {{"pack", damage.pack.hex()}, {"agent", damage.agent.hex()}});
    }

    static std::vector<std::string> namesOf(const std::vector<RepositoryRecord>& records) {
        std::vector<std::string> names;
        for (const RepositoryRecord& record : records) names.push_back(record.name);
        return names;
    }

    std::map<std::string, Timestamp> removedRepositories() const {
        std::map<std::string, Timestamp> removed;
        for (const RepositoryRecord& record : repositories.list()) {
            if (record.removal) removed.emplace(record.name, record.removal->due);
        }
        return removed;
    }

    std::vector<std::string> tasksOfRepository(const std::string& name) const {
        std::vector<std::string> names;
        for (const KnownTask& each : tasks.list()) {
            if (!each.task || !each.task->enabled()) continue;
            if (each.task->repository() == name || each.task->copyTarget() == name) {
                names.push_back(each.record.name);
            }
        }
        return names;
    }

    std::vector<std::string> updatableAgents() const {
        std::vector<std::string> names;
        for (const AgentRecord& agent : registry.list()) {
            if (!agent.revoked && !agent.suspended) names.push_back(agent.name);
        }
        return names;
    }

    std::string scratchFolder() const {
        const std::string& chosen = given.settings.scratch;
        return chosen.empty() ? given.folder.path() + "/scratch" : chosen;
    }

    // In and around which nothing else may be kept.
    std::vector<std::string> takenFolders() const {
        std::vector<std::string> folders{given.folder.path()};
        for (const RepositoryRecord& record : repositories.list()) folders.push_back(record.folder);
        return folders;
    }

    // In one transaction: all that has it by name (docs/access.md).
    void renameAgent(const std::string& user, const std::string& agent, const std::string& name) {
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
                renameAgentInCopies(db, agent, name);
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
    void apply(const ServerSettings& fresh) {
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

    void emptyTrash() {
        for (const RepositoryRecord& repository : repositories.inService()) {
            try {
                emptyTrash(repository.name);
            } catch (const Error& error) {
                log(LogLevel::warning, "trash.kept",
                    {{"repository", repository.name}, {"message", error.what()}});
            }
        }
    }

    void emptyTrash(const std::string& repository) {
        for (const SnapshotId& id : retention.emptyTrash(repository)) {
            log(LogLevel::info, "snapshot.gone",
                {{"repository", repository}, {"snapshot", id.hex()}});
            events.add(
                "snapshot-gone", id.hex(),
                "the grace period of snapshot " + id.hex() + " of " + repository + " is over",
                {{"repository", repository}});
        }
    }

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
    AgentRegistry registry{database, given.clock, &events};
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
         [this](const rpc::RunGrant& grant) { return tokens.issue(grant); },
         given.clock,
         {{run_kind::rehearsal, rehearsalWork(scratchFolder(), proofs)},
          {run_kind::replicate,
           replicateWork(given.folder.disk(), [this] { return takenFolders(); })},
          {run_kind::copy, copyWork({repositories,
                                     [this] {
                                         return [names = known.agentNames()](const AgentId& id) {
                                             return nameOf(names, id);
                                         };
                                     },
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
         requireUnrevoked},
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
    TaskRetention taskRetention{
        {tasks, runs, events, repositories, retention,
         [this](const std::string& agent) { return agentCalls.identity(agent).id; }}};
    StatusKeeper status{{.database = database,
                         .events = events,
                         .clock = given.clock,
                         .rules = given.settings.status,
                         .agents = [this] { return known.watchedAgents(); },
                         .proofs = [this] { return known.provenSources(); },
                         .plans = [this] { return plansOf(tasks.list()); },
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

class Server::Served {
  public:
    Served(Parts& parts, rpc::Orb& orb)
        : parts_(parts),
          orb_(orb),
          iterators_(PortableServer::POA_var(orb.poa("iterators")), parts.given.clock,
                     iteratorLeases),
          stores_(PortableServer::POA_var(orb.poa("store-sessions")), parts.given.clock,
                  rpc::storeLeases),
          nodes_(
              orb, parts.sessions,
              [&registry = parts.registry](const std::string& agent) {
                  return registry.control(agent);
              },
              iterators_),
          housekeeping_(round, chores()),
          updates_(betweenUpdates, {{"updates", 1, [&parts] { parts.updateDesk.look(); }}}),
          handovers_(betweenHandovers, handovers()) {
        parts_.sessions.onEnd(
            [this](const UserSession& session) { iterators_.dropOwner(session.owner()); });
        if (parts_.handover) parts_.handover->begin();
        parts_.runs.start();
        parts_.notifier.start();
        parts_.archive.start();
        parts_.catalogs.start();
        parts_.selfBackup.start();
        parts_.removals.start();
        serveMetrics();
        lookForUnverified();
        parts_.rereader.look();
        parts_.catalogs.look();
        serveUsers();
        serveAgents();
        serveGate();
        serveTrigger();
        // From now on somebody can say keep.
        parts_.removals.look();
        housekeeping_.start();
        updates_.start();
        if (parts_.handover) handovers_.start();
        parts_.scheduler.start();
        parts_.taskRetention.start();
    }

    void reload() {
        // Each on its own: what is wrong with one keeps nobody from the other.
        try {
            parts_.settings.reload();
        } catch (...) {
            reloadCertificate();
            throw;
        }
        reloadCertificate();
    }
    void reloadCertificate() {
        orb_.reloadIdentity();
        if (metricsEndpoint_) metricsEndpoint_->reload();
        if (triggerEndpoint_) triggerEndpoint_->reload();
    }
    void tick() { housekeeping_.round(); }

    // Nobody comes in, nobody waits for events or agents, then the threads end.
    void stop() {
        orb_.stopIntake();
        if (triggerEndpoint_) triggerEndpoint_->stop();
        parts_.events.stop();
        parts_.scheduler.stop();
        parts_.taskRetention.stop();
        housekeeping_.stop();
        handovers_.stop();
        parts_.witness.note();
        parts_.registry.detachAll();
        updates_.stop();
        parts_.runs.stop();
        parts_.verifier.stop();
        parts_.rereader.stop();
        parts_.removals.stop();
        parts_.catalogs.stop();
        parts_.notifier.stop();
        if (metricsEndpoint_) metricsEndpoint_->stop();
        parts_.archive.stop();
        parts_.selfBackup.stop();
    }

  private:
    using ServantVar = PortableServer::ServantBase_var;

    void lookForUnverified() {
        for (const RepositoryRecord& repository : parts_.repositories.inService()) {
            parts_.verifier.look(repository.name);
        }
    }

    std::vector<Housekeeping::Chore> chores() {
        return {
            {"status", 1, [this] { parts_.status.refreshIfDue(); }},
            {"changes by the store", 1, [this] { parts_.repositories.lookForChanges(); }},
            {"metrics", metricsRounds, [this] { collectMetrics(); }},
            {"sessions", 1, [this] { parts_.sessions.expire(); }},
            {"agents", 1, [this] { parts_.registry.expire(); }},
            {"iterators", 1, [this] { iterators_.expire(); }},
            {"audit", 1, [this] { parts_.witness.note(); }},
            {"self-backup", 1, [this] { parts_.selfBackup.look(); }},
            {"store sessions", 1, [this] { stores_.expire(); }},
            {"enrolment", minute, [this] { parts_.enrolment.expire(); }},
            {"readers", minute, [this] { parts_.readers.clear(); }},
            {"verification", minute, [this] { lookForUnverified(); }},
            {"logs of runs", minute, [this] { parts_.archive.look(); }},
            {"catalogues", minute, [this] { parts_.catalogs.look(); }},
            {"trash", 10 * minute, [this] { parts_.emptyTrash(); }},
            {"removals", minute, [this] { parts_.removals.look(); }},
            {"reading", hour, [this] { parts_.rereader.look(); }},
            {"certificate", minute, [this] { renewCertificate(); }},
        };
    }

    std::vector<Housekeeping::Chore> handovers() {
        return {{"agents of the store", 1, [this] { parts_.handover->tellAgents(); }},
                {"certificate of the store", handoversOfAMinute,
                 [this] { parts_.handover->renewCertificate(); }}};
    }

    void serveMetrics() {
        const auto& settings = parts_.given.settings.metrics;
        if (!settings) return;
        metrics_ = std::make_unique<MetricsCollector>(MetricsCollector::Parts{
            .database = parts_.database,
            .events = parts_.events,
            .repositories = parts_.repositories,
            .shelf = parts_.shelf,
            .clock = parts_.given.clock,
            .version = parts_.given.version,
            .status = [&parts = parts_] { return parts.status.report(); },
            .agents = [&parts = parts_] { return parts.known.agentCounts(); }});
        metrics_->collect();
        metricsEndpoint_ =
            std::make_unique<MetricsEndpoint>(*settings, parts_.given.folder.certificateFile(),
                                              [&metrics = *metrics_] { return metrics.text(); });
        log(LogLevel::info, "metrics.listening",
            {{"address", metricsEndpoint_->listening().text()}});
    }

    void serveTrigger() {
        const auto& settings = parts_.given.settings.trigger;
        if (!settings) return;
        const auto start = [&tasks = *taskManager_.in()](const UserSession& session,
                                                         const std::string& task) {
            return tasks.start(session, task);
        };
        triggerEndpoint_ = std::make_unique<HttpListener>(
            "trigger",
            HttpListener::Place{settings->listen, settings->tls,
                                parts_.given.folder.certificateFile()},
            [trigger = TaskTrigger({parts_.authentication, parts_.sessions, start})](
                const HttpRequest& request) { return trigger.answer(request); });
        log(LogLevel::info, "trigger.listening",
            {{"address", triggerEndpoint_->listening().text()}});
    }

    void collectMetrics() {
        if (metrics_) metrics_->collect();
    }

    void renewCertificate() {
        if (!parts_.certificate.due()) return;
        parts_.certificate.renew();
        reloadCertificate();
        log(LogLevel::info, "certificate.renewed");
    }

    void addPoa(const char* name, PortableServer::ServantBase* servant) {
        const ServantVar kept(servant);
        const PortableServer::POA_var poa = orb_.poa(name, servant);
    }

    void serveNamed(const char* name, PortableServer::ServantBase* servant) {
        const ServantVar kept(servant);
        orb_.serve(name, servant);
    }

    void serveUsers() {
        const auto refer = [&orb = orb_](const std::string& poa, const UserSession& session,
                                         const char* type) {
            return referenceIn(orb, poa, session.id.view(), type);
        };
        addPoa("sessions", new SessionServant(parts_.sessions, parts_.users, parts_.authentication,
                                              refer, callerAddress));
        addPoa("agents",
               new AgentManager(
                   parts_.sessions, parts_.registry, parts_.enrolment,
                   [&nodes = nodes_](const UserSession& session, const std::string& agent) {
                       return nodes.root(session, agent);
                   },
                   [&proofs = parts_.proofs](const AgentId& agent) { return proofs.lastOf(agent); },
                   &parts_.confirmations));
        const auto agentOf = [&parts = parts_](const std::string& repository,
                                               const std::string& snapshot) {
            return parts.agentOfSnapshot(repository, snapshot);
        };
        addPoa("runs", new RunManager(parts_.sessions, parts_.runs, agentOf));
        addPoa("queue", new QueueBoard(parts_.sessions, parts_.runs, agentOf));
        addPoa("snapshots",
               new SnapshotManager({parts_.sessions, parts_.repositories, iterators_,
                                    parts_.readers, parts_.shelf, parts_.events, parts_.retention,
                                    [&parts = parts_] { return parts.known.agentNames(); },
                                    [&parts = parts_](const std::string& repository) {
                                        return parts.proofs.ofRepository(repository);
                                    },
                                    &parts_.confirmations,
                                    [&parts = parts_](const std::string& task) {
                                        return parts.taskRetention.preview(task);
                                    }}));
        addPoa("catalog", new CatalogServant(
                              {parts_.sessions, parts_.repositories, iterators_, parts_.catalogs,
                               [&parts = parts_] { return parts.known.agentNames(); }}));
        addPoa("repositories",
               new RepositoryManager(
                   parts_.sessions, parts_.repositories, parts_.events, parts_.given.clock,
                   [&parts = parts_](const std::string& name, Repository& opened) {
                       return parts.known.proofFacts(name, opened, parts.given.clock,
                                                     parts.given.settings.readDays);
                   },
                   {&parts_.removals, &parts_.confirmations}));
        taskManager_ = new TaskManager(parts_.sessions, parts_.tasks, parts_.taskEditing,
                                       parts_.taskStarter, parts_.given.clock);
        taskManager_->_add_ref();  // the POA's
        addPoa("tasks", taskManager_.in());
        addPoa("events", new EventLog(parts_.sessions, parts_.events, parts_.eventLeases));
        addPoa("logs",
               new RunLog(parts_.sessions, parts_.runs,
                          [&archive = parts_.archive](std::int64_t run, const RunLogFilter& filter,
                                                      std::uint64_t after, std::uint32_t atMost) {
                              return archive.logOf(run, filter, after, atMost);
                          }));
        addPoa("status", new StatusBoard(parts_.sessions, parts_.status));
        addPoa("updates", new UpdateManager(parts_.sessions, parts_.packages, parts_.agentUpdates,
                                            [&parts = parts_] { return parts.updatableAgents(); }));
        addPoa("settings", new SettingsManager(parts_.sessions, parts_.settings));
        serveAccess(refer);
    }

    void serveAccess(const SessionReferences& refer) {
        AgentRegistry& registry = parts_.registry;
        addPoa(
            "access",
            new AccessManager(
                {.sessions = parts_.sessions,
                 .users = parts_.users,
                 .permissions = parts_.permissions,
                 .tokens = parts_.apiTokens,
                 .factors = parts_.secondFactors,
                 .authentication = parts_.authentication,
                 .clock = parts_.given.clock,
                 .agents = {[&registry](const std::string& agent, bool suspended) {
                                registry.suspend(agent, suspended);
                            },
                            [&registry](const std::string& agent, const rpc::SettingMap& labels) {
                                registry.label(agent, labels);
                            },
                            [&parts = parts_](const std::string& user, const std::string& agent,
                                              const std::string& name) {
                                parts.renameAgent(user, agent, name);
                            }},
                 .references = refer,
                 .address = callerAddress}));
        addPoa("audit", new AuditServant(parts_.sessions, parts_.audit,
                                         [&parts = parts_] { return parts.witness.remembered(); }));
        addPoa("requests", new RequestBoard(parts_.sessions, parts_.confirmations));
    }

    void serveAgents() {
        const auto refer = [&orb = orb_](const LinkKey& key) {
            const CORBA::Object_var object =
                referenceIn(orb, "links", key.view(), Coffer::AgentLink::_PD_repoId);
            return Coffer::AgentLink::_unchecked_narrow(object);
        };
        addPoa("links", new AgentLink(parts_.registry, parts_.runs.listener()));
        serveNamed("CofferAgents", new AgentPort(parts_.registry, parts_.enrolment, refer));
        serveNamed("CofferUpdates", new UpdateDepot(parts_.packages, [&registry = parts_.registry] {
                       registry.callingAgent(rpc::currentCaller());
                   }));
        serveNamed("CofferStore",
                   new rpc::StoreServant({.repositories = parts_.repositories,
                                          .tokens = parts_.tokens,
                                          .sessions = stores_,
                                          .limits = parts_.given.settings.store,
                                          .caller = [&registry = parts_.registry] {
                                              return registry.asKnown(rpc::currentCaller());
                                          }}));
    }

    void serveGate() {
        const auto refer = [&orb = orb_](const UserSession& session) {
            const CORBA::Object_var object =
                referenceIn(orb, "sessions", session.id.view(), Coffer::Session::_PD_repoId);
            return Coffer::Session::_unchecked_narrow(object);
        };
        serveNamed("CofferGate",
                   new Gate({.authority = parts_.given.authority,
                             .authentication = parts_.authentication,
                             .sessions = parts_.sessions,
                             .clock = parts_.given.clock,
                             .enrolAgent =
                                 [&enrolment = parts_.enrolment](const EnrolmentOrder& order) {
                                     return enrolment.enrol(order);
                                 },
                             .refer = refer,
                             .version = parts_.given.version}));
    }

    Parts& parts_;
    rpc::Orb& orb_;
    rpc::LeaseKeeper iterators_;
    rpc::LeaseKeeper stores_;
    NodeServants nodes_;
    std::unique_ptr<MetricsCollector> metrics_;  // none when nobody may ask
    std::unique_ptr<MetricsEndpoint> metricsEndpoint_;
    PortableServer::Servant_var<TaskManager> taskManager_;
    std::unique_ptr<HttpListener> triggerEndpoint_;  // likewise
    Housekeeping housekeeping_;
    Housekeeping updates_;  // its calls wait for agents
    Housekeeping handovers_;
};

Server::Server(const ServerParts& parts) : parts_(std::make_unique<Parts>(parts)) {}

Server::~Server() = default;

bool Server::accepts(const CertificateFacts& peer) const noexcept {
    return parts_->registry.accepts(peer);
}

void Server::serve(rpc::Orb& orb) {
    served_ = std::make_unique<Served>(*parts_, orb);
}

void Server::reload() {
    served_->reload();
}

void Server::tick() {
    served_->tick();
}

void Server::stop() {
    if (served_) served_->stop();
}

}  // namespace coffer
