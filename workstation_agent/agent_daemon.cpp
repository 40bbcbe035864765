#include "workstation_agent/agent_daemon.h"

#include <random>
#include <utility>

#include "core/agent/system_facts.h"
#include "core/agent/worker_pipe.h"
#include "core/rpc/failure.h"
#include "core/service/log.h"
#include "core/trust/pinned_authority.h"
#include "workstation_agent/agent_control.h"

namespace coffer {

namespace {

// A user of the server who looks through folders needs one or two.
constexpr rpc::LeaseLimits iteratorLimits{
    .seconds = 300, .objects = 1'000, .objectsOfOwner = 1'000};

std::function<double()> makeDice() {
    return [engine = std::mt19937(std::random_device{}())]() mutable {
        return std::uniform_real_distribution<>(0, 1)(engine);
    };
}

}  // namespace

AgentDaemon::AgentDaemon(Parts parts)
    : parts_(std::move(parts)),
      identity_(parts_.folder.identity()),
      allowed_(allowList()),
      files_(cancel_),
      tree_(files_, allowed_),
      spool_(parts_.folder.results()),
      runner_(
          parts_.launcher, spool_, [this](const RunOrder& order) { return workerLine(order); },
          [this] { link_.wake(); }, {parts_.settings.atOnce}),
      iterators_(parts_.orb.poa("iterators"), parts_.clock, iteratorLimits),
      renewal_(parts_.folder.certificateFile(), parts_.clock,
               [this] { parts_.orb.reloadIdentity(); }),
      link_(linkParts()) {}

AgentDaemon::~AgentDaemon() {
    stop();
}

void AgentDaemon::start() {
    thread_.start([this] { link_.run(); });
}

// What the runs leave behind is handed over while the link still stands.
void AgentDaemon::stop() {
    cancel_.request();
    runner_.stop();
    link_.stop();
    thread_.join();
}

AllowList AgentDaemon::allowList() const {
    return {
        parts_.settings.allow, {parts_.folder.path(), parts_.settingsFile}, parts_.folder.disk()};
}

rpc::SettingMap AgentDaemon::facts() const {
    return {{"host", hostName()},
            {"system", systemName()},
            {"version", parts_.version},
            {"features", ""}};
}

void AgentDaemon::startRun(RunOrder order) {
    if (order.store.empty()) order.store = parts_.settings.server;
    Endpoint::parse(order.store);
    runner_.start(checkedOrder(std::move(order), allowed_, parts_.folder.disk()));
}

std::string AgentDaemon::workerLine(const RunOrder& order) const {
    WorkerOrder line;
    line.run = order.run;
    line.attempt = order.attempt;
    line.kind = order.kind;
    line.store = order.store;
    line.authorityFile = parts_.folder.authorityFile();
    line.identityFile = parts_.folder.certificateFile();
    line.token = order.token;
    line.agent = identity_;
    line.cacheFolder = parts_.folder.cache();
    line.own = {parts_.folder.path(), parts_.folder.disk().canonical(parts_.settingsFile)};
    line.host = hostName();
    line.what = order.what;
    line.target = order.target;
    line.patterns = order.patterns;
    line.options = order.options;
    return line.encode();
}

Coffer::AgentControl_ptr AgentDaemon::control() {
    AgentControlServant::Parts parts{tree_, iterators_, [this] { return facts(); },
                                     [this](RunOrder order) { startRun(std::move(order)); },
                                     [this](std::int64_t run) { runner_.cancel(run); }};
    const PortableServer::Servant_var<AgentControlServant> servant =
        new AgentControlServant(std::move(parts));
    const PortableServer::POA_ptr poa = parts_.orb.poa("control", servant);
    const auto id = rpc::toOctets(bytesOf("agent"));
    const CORBA::Object_var object = poa->create_reference_with_id(
        reinterpret_cast<const PortableServer::ObjectId&>(id), Coffer::AgentControl::_PD_repoId);
    return Coffer::AgentControl::_unchecked_narrow(object);
}

ServerLink::Parts AgentDaemon::linkParts() {
    ServerLink::Parts parts{parts_.port, control(), runner_, spool_};
    parts.renewal = &renewal_;
    parts.facts = [this] { return facts(); };
    parts.housekeeping = [this] { iterators_.expire(); };
    parts.dice = makeDice();
    return parts;
}

}  // namespace coffer
