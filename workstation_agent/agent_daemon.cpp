#include "workstation_agent/agent_daemon.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "core/agent/worker_pipe.h"
#include "core/base/printable.h"
#include "core/base/random.h"
#include "core/rpc/failure.h"
#include "core/schedule/time_zone.h"
#include "core/service/file_systems.h"
#include "core/service/log.h"
#include "core/service/system_facts.h"
#include "core/trust/pinned_authority.h"

namespace coffer {

namespace {

// A user of the server who looks through folders needs one or two.
constexpr rpc::LeaseLimits iteratorLimits{
    .seconds = 300, .objects = 1'000, .objectsOfOwner = 1'000};

// Under an id that nobody has seen before: who has an old reference does not reach a new agent.
PortableServer::ObjectId* activate(PortableServer::POA_ptr poa,
                                   PortableServer::ServantBase* servant) {
    std::array<std::uint8_t, 16> random{};
    fillRandom(random);
    PortableServer::ObjectId_var id = new PortableServer::ObjectId;
    id->length(random.size());
    std::ranges::copy(random, id->get_buffer());
    poa->activate_object_with_id(id, servant);
    return id._retn();
}

std::function<double()> makeDice() {
    return [engine = std::mt19937(std::random_device{}())]() mutable {
        return std::uniform_real_distribution<>(0, 1)(engine);
    };
}

// Together they stay well below what a server takes of facts.
constexpr std::size_t mostFileSystems = 24;
constexpr std::size_t longestMountPoint = 160;

void addFileSystems(rpc::SettingMap& facts) {
    std::size_t count = 100;
    for (const MountedFileSystem& each : fileSystems(mostFileSystems)) {
        const std::string mountPoint = printable(each.mountPoint);
        if (mountPoint.size() > longestMountPoint) continue;
        facts.emplace("filesystem-" + std::to_string(++count).substr(1),
                      each.type + " " + std::to_string(each.bytes) + " " + mountPoint);
    }
}

}  // namespace

AgentDaemon::AgentDaemon(Parts parts)
    : parts_(std::move(parts)),
      identity_(parts_.folder.identity()),
      allowed_(allowList()),
      files_(cancel_),
      tree_(files_, allowed_),
      hooks_(allowed_),
      spool_(parts_.folder.results()),
      runner_(
          parts_.launcher, spool_, [this](const RunOrder& order) { return workerLine(order); },
          [this] { link_.wake(); }, runnerSettings()),
      iterators_(PortableServer::POA_var(parts_.orb.poa("iterators")), parts_.clock,
                 iteratorLimits),
      renewal_(parts_.folder.certificateFile(), parts_.clock,
               [this] { parts_.orb.reloadIdentity(); }),
      servant_(makeServant()),
      poa_(parts_.orb.poa("control")),
      id_(activate(poa_, servant_)),
      link_(linkParts()) {}

AgentDaemon::~AgentDaemon() {
    stop();
    poa_->deactivate_object(id_);
    servant_->close();
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

TaskRunner::Settings AgentDaemon::runnerSettings() const {
    TaskRunner::Settings settings;
    settings.atOnce = parts_.settings.atOnce;
    settings.around = [this](const RunOrder& order, const RunHooks::Wish& wish,
                             const RunHooks::Work& work) {
        return hooks_.around(order, wish, work);
    };
    return settings;
}

AllowList AgentDaemon::allowList() const {
    return {
        parts_.settings.allow, {parts_.folder.path(), parts_.settingsFile}, parts_.folder.disk()};
}

rpc::SettingMap AgentDaemon::facts() const {
    rpc::SettingMap facts = {{"host", hostName()},
                             {"system", systemName()},
                             {"version", parts_.version},
                             {"zone", TimeZone::ofThisComputer().name()},
                             {"features", parts_.updater ? "stores,updates" : "stores"}};
    addFileSystems(facts);
    if (parts_.updater) facts.merge(parts_.updater->facts());
    return facts;
}

// What the server gives no more is again as it was.
void AgentDaemon::takeSettings(const rpc::SettingMap& given) {
    const GivenSettings settings = parts_.settings.taken(given, [](const Error& error) {
        log(LogLevel::warning, "settings.not-taken", {{"error", error.what()}});
    });
    const std::string text = settings.text();
    if (!text.empty()) log(LogLevel::info, "settings.taken", {{"settings", text}});
    runner_.setAtOnce(settings.atOnce.value_or(parts_.settings.atOnce));
    setLogLevel(settings.logLevel.value_or(parts_.settings.log.level));
}

void AgentDaemon::startRun(RunOrder order) {
    if (parts_.trial) {
        throw Error(ErrorCode::unavailable, "this agent tries a new version of itself");
    }
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
    // The agent's own business.
    std::erase_if(line.options, [](const auto& option) {
        return option.first.starts_with("hook-") || option.first == "task";
    });
    return line.encode();
}

PortableServer::Servant_var<AgentControlServant> AgentDaemon::makeServant() {
    AgentControlServant::Parts parts{tree_, iterators_, [this] { return facts(); },
                                     [this](RunOrder order) { startRun(std::move(order)); },
                                     [this](std::int64_t run) { runner_.cancel(run); }};
    if (parts_.updater) parts.offer = [this](ByteView head) { parts_.updater->offer(head); };
    return new AgentControlServant(std::move(parts));
}

ServerLink::Parts AgentDaemon::linkParts() {
    const CORBA::Object_var object = poa_->id_to_reference(id_);
    ServerLink::Parts parts{parts_.port, Coffer::AgentControl::_narrow(object), runner_, spool_};
    parts.renewal = &renewal_;
    parts.facts = [this] { return facts(); };
    parts.given = [this](const rpc::SettingMap& given) { takeSettings(given); };
    parts.housekeeping = [this] { iterators_.expire(); };
    parts.dice = makeDice();
    if (parts_.updater) parts.heard = [this] { parts_.updater->heard(); };
    return parts;
}

}  // namespace coffer
