#include "management_server/server/server_served.h"

#include "core/rpc/store/store_servant.h"
#include "core/service/log.h"
#include "management_server/access/access_manager.h"
#include "management_server/access/audit_servant.h"
#include "management_server/access/gate.h"
#include "management_server/access/request_board.h"
#include "management_server/access/session_servant.h"
#include "management_server/access/upcall.h"
#include "management_server/agents/agent_link.h"
#include "management_server/agents/agent_manager.h"
#include "management_server/agents/agent_port.h"
#include "management_server/catalog/catalog_servant.h"
#include "management_server/events/event_log.h"
#include "management_server/repositories/repository_manager.h"
#include "management_server/runs/queue_board.h"
#include "management_server/runs/run_log.h"
#include "management_server/runs/run_manager.h"
#include "management_server/settings/settings_manager.h"
#include "management_server/snapshots/snapshot_manager.h"
#include "management_server/status/status_board.h"
#include "management_server/trigger/task_trigger.h"
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

}  // namespace

Server::Served::Served(Parts& parts, rpc::Orb& orb)
    : parts_(parts),
      orb_(orb),
      iterators_(PortableServer::POA_var(orb.poa("iterators")), parts.steady, iteratorLeases),
      stores_(PortableServer::POA_var(orb.poa("store-sessions")), parts.steady, rpc::storeLeases),
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

void Server::Served::reload() {
    // Each on its own: what is wrong with one keeps nobody from the other.
    try {
        parts_.settings.reload();
    } catch (...) {
        reloadCertificate();
        throw;
    }
    reloadCertificate();
}

void Server::Served::reloadCertificate() {
    orb_.reloadIdentity();
    if (metricsEndpoint_) metricsEndpoint_->reload();
    if (triggerEndpoint_) triggerEndpoint_->reload();
}

// Nobody comes in, nobody waits for events or agents, then the threads end.
void Server::Served::stop() {
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

void Server::Served::lookForUnverified() {
    for (const RepositoryRecord& repository : parts_.repositories.inService()) {
        parts_.verifier.look(repository.name);
    }
}

std::vector<Housekeeping::Chore> Server::Served::chores() {
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
        {"time of the trash", minute, [this] { parts_.attended.look(parts_.given.clock.now()); }},
        {"trash", 10 * minute, [this] { parts_.emptyTrash(); }},
        {"removals", minute, [this] { parts_.removals.look(); }},
        {"removals of what was read", 1,
         [this] {
             if (!parts_.removals.isWaiting()) return;
             parts_.readers.clear();
             parts_.removals.look();
         }},
        {"reading", hour, [this] { parts_.rereader.look(); }},
        {"certificate", minute, [this] { renewCertificate(); }},
    };
}

std::vector<Housekeeping::Chore> Server::Served::handovers() {
    return {{"agents of the store", 1, [this] { parts_.handover->tellAgents(); }},
            {"certificate of the store", handoversOfAMinute,
             [this] { parts_.handover->renewCertificate(); }}};
}

void Server::Served::serveMetrics() {
    const auto& settings = parts_.given.settings.metrics;
    if (!settings) return;
    metrics_ = std::make_unique<MetricsCollector>(
        MetricsCollector::Parts{.database = parts_.database,
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
    log(LogLevel::info, "metrics.listening", {{"address", metricsEndpoint_->listening().text()}});
}

void Server::Served::serveTrigger() {
    const auto& settings = parts_.given.settings.trigger;
    if (!settings) return;
    const auto start = [&tasks = *taskManager_.in()](const UserSession& session,
                                                     const std::string& task) {
        return tasks.start(session, task);
    };
    triggerEndpoint_ = std::make_unique<HttpListener>(
        "trigger",
        HttpListener::Place{settings->listen, settings->tls, parts_.given.folder.certificateFile()},
        [trigger = TaskTrigger({parts_.authentication, parts_.sessions, start})](
            const HttpRequest& request) { return trigger.answer(request); });
    log(LogLevel::info, "trigger.listening", {{"address", triggerEndpoint_->listening().text()}});
}

void Server::Served::collectMetrics() {
    if (metrics_) metrics_->collect();
}

void Server::Served::renewCertificate() {
    if (!parts_.certificate.due()) return;
    parts_.certificate.renew();
    reloadCertificate();
    log(LogLevel::info, "certificate.renewed");
}

void Server::Served::addPoa(const char* name, PortableServer::ServantBase* servant) {
    const ServantVar kept(servant);
    const PortableServer::POA_var poa = orb_.poa(name, servant);
}

void Server::Served::serveNamed(const char* name, PortableServer::ServantBase* servant) {
    const ServantVar kept(servant);
    orb_.serve(name, servant);
}

void Server::Served::serveUsers() {
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
           new SnapshotManager({parts_.sessions, parts_.repositories, iterators_, parts_.readers,
                                parts_.shelf, parts_.events, parts_.retention,
                                [&parts = parts_] { return parts.known.agentNames(); },
                                [&parts = parts_](const std::string& repository) {
                                    return parts.proofs.ofRepository(repository);
                                },
                                &parts_.confirmations,
                                [&parts = parts_](const std::string& task) {
                                    return parts.taskRetention.preview(task);
                                }}));
    addPoa("catalog",
           new CatalogServant({parts_.sessions, parts_.repositories, iterators_, parts_.catalogs,
                               [&parts = parts_] { return parts.known.agentNames(); }}));
    addPoa("repositories",
           new RepositoryManager(parts_.sessions, parts_.repositories, parts_.events,
                                 parts_.given.clock,
                                 [&parts = parts_](const std::string& name, Repository& opened) {
                                     return parts.known.proofFacts(name, opened, parts.given.clock,
                                                                   parts.given.settings.readDays);
                                 },
                                 {&parts_.removals, &parts_.confirmations}));
    taskManager_ =
        new TaskManager(parts_.sessions, parts_.tasks, parts_.taskEditing, parts_.taskStarter,
                        parts_.given.clock, parts_.given.settings.notify.mail.has_value());
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

void Server::Served::serveAccess(const SessionReferences& refer) {
    AgentRegistry& registry = parts_.registry;
    addPoa("access",
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
                           },
                           [&registry](const std::string& agent) { registry.get(agent); }},
                .references = refer,
                .address = callerAddress}));
    addPoa("audit", new AuditServant(parts_.sessions, parts_.audit,
                                     [&parts = parts_] { return parts.witness.remembered(); }));
    addPoa("requests", new RequestBoard(parts_.sessions, parts_.confirmations));
}

void Server::Served::serveAgents() {
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

void Server::Served::serveGate() {
    const auto refer = [&orb = orb_](const UserSession& session) {
        const CORBA::Object_var object =
            referenceIn(orb, "sessions", session.id.view(), Coffer::Session::_PD_repoId);
        return Coffer::Session::_unchecked_narrow(object);
    };
    serveNamed(
        "CofferGate",
        new Gate({.authority = parts_.given.authority,
                  .authentication = parts_.authentication,
                  .sessions = parts_.sessions,
                  .clock = parts_.given.clock,
                  .enrolAgent = [&enrolment = parts_.enrolment](
                                    const EnrolmentOrder& order) { return enrolment.enrol(order); },
                  .refer = refer,
                  .version = parts_.given.version}));
}

}  // namespace coffer
