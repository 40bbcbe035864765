#include <optional>
#include <utility>

#include "core/base/file_lock.h"
#include "core/base/paths.h"
#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/rpc/failure.h"
#include "core/rpc/orb.h"
#include "core/service/stop_signal.h"
#include "core/service/system_facts.h"
#include "idl/updates.hh"
#include "workstation_agent/agent_daemon.h"
#include "workstation_agent/program_start.h"
#include "workstation_agent/verbs.h"
#include "workstation_agent/version_choice.h"
#include "workstation_agent/version_trial.h"

namespace coffer::agent {

namespace {

struct Wish {
    std::string worker;  // program; empty: of the settings, or beside this one
    bool trial = false;
};

FileLock lockOf(const AgentFolder& folder) {
    return during("state folder " + printable(folder.path()),
                  [&] { return FileLock::take(folder.lockFile()); });
}

Endpoint serverOf(const AgentSettings& settings, const std::string& file) {
    if (settings.server.empty()) {
        throw Error(ErrorCode::invalidArgument, file + ": server.address is not set");
    }
    return during(file + ": server.address", [&] { return Endpoint::parse(settings.server); });
}

// An agent that was updated has the worker of its own version, whatever is named elsewhere.
std::string workerProgram(const std::string& named, const AgentSettings& settings,
                          const AgentFolder& folder) {
    const std::string own = ownFolder() + "/" + UpdateManifest::workerProgram;
    if (isWithin(own, folder.versions())) return own;
    if (!named.empty()) return named;
    return settings.worker.empty() ? own : settings.worker;
}

Bytes fetch(const Coffer::UpdateDepot_var& depot, const CancelToken& cancel,
            const PackageHead& head, std::uint64_t offset, std::uint32_t length) {
    using namespace std::chrono_literals;
    rpc::setDeadline(30s);
    Bytes data;
    rpc::repeat({}, cancel, [&] {
        const Coffer::Octets_var octets = rpc::call("fetch an update", [&] {
            return depot->read(head.manifest.version.text().c_str(), head.manifest.platform.c_str(),
                               static_cast<CORBA::LongLong>(offset), length);
        });
        data = rpc::toBytes(octets);
    });
    return data;
}

/// One life of the agent's process, up to its end or to where another program takes over.
class Life {
  public:
    Life(const Context& context, Wish wish)
        : context_(context),
          wish_(std::move(wish)),
          file_(context.settingsFile()),
          settings_(AgentSettings::read(file_)),
          folder_(*disk_, context.state) {
        openLog(settings_.log);
        folder_.identity();  // says how to enrol
    }

    int run() {
        const Endpoint server = serverOf(settings_, file_);
        lock_ = lockOf(folder_);
        folder_.make();
        if (const auto program = chosen()) {
            log(LogLevel::info, "update.start", {{"program", *program}});
            becomeProgram(*program, context_.words);
        }
        if (!lock_) lock_ = lockOf(folder_);
        folder_.results().clearTemporary();
        if (!serve(server) || wish_.trial) return exitSuccess;
        lock_.reset();
        becomeProgram(ownProgram(), context_.words);
    }

  private:
    // What this process is already, a trial does not ask.
    std::optional<std::string> chosen() {
        if (wish_.trial) return std::nullopt;
        const TrialRun trial{folder_.path(), disk_->canonical(file_), settings_.trial};
        VersionChoice choice({.folder = versions_,
                              .keys = settings_.releaseKeys,
                              .own = Version::parse(COFFER_VERSION),
                              .program = ownProgram(),
                              .prepare = prepareProgram,
                              .run = [&](const std::string& program, std::string& why) {
                                  lock_.reset();  // the trial takes it
                                  return runTrial(trial, program, why);
                              }});
        return choice.choose();
    }

    Updater::Parts updaterParts(rpc::Orb& orb, const Endpoint& server) {
        const CORBA::Object_var object = orb.reach(server, "CofferUpdates");
        const Coffer::UpdateDepot_var depot = Coffer::UpdateDepot::_unchecked_narrow(object);
        return {
            .folder = versions_,
            .allowed = settings_.updatesAllowed,
            .keys = settings_.releaseKeys,
            .running = Version::parse(COFFER_VERSION),
            .patience = settings_.patience,
            .fetch =
                [depot, this](const PackageHead& head, std::uint64_t offset, std::uint32_t length) {
                    return fetch(depot, cancel_, head, offset, length);
                },
            .examine =
                [this](const Version& version) { examineVersion(versions_, version, cancel_); },
            .idle = [this] { return daemon_->idle(); },
            .startOver = [] { StopSignal::request(); },
            .trial = wish_.trial,
            .limit = settings_.trial,
            .cancel = cancel_};
    }

    // Whether it is to start over.
    bool serve(const Endpoint& server) {
        const SystemClock clock;
        const auto launcher = makeProcessLauncher(workerProgram(wish_.worker, settings_, folder_));
        rpc::OrbSettings orbSettings;
        orbSettings.role = rpc::OrbRole::agent;
        orbSettings.authorityFile = folder_.authorityFile();
        orbSettings.identityFile = folder_.certificateFile();
        rpc::Orb orb(orbSettings);
        Updater updater(updaterParts(orb, server));
        AgentDaemon daemon(AgentDaemon::Parts{folder_, settings_, file_, COFFER_VERSION, orb,
                                              [&] {
                                                  const CORBA::Object_var port =
                                                      orb.reach(server, "CofferAgents");
                                                  return Coffer::AgentPort::_unchecked_narrow(port);
                                              },
                                              *launcher, clock, &updater, wish_.trial});
        daemon_ = &daemon;
        daemon.start();
        updater.start();
        log(LogLevel::info, "agent.started",
            {{"version", COFFER_VERSION}, {"server", server.text()}, {"state", folder_.path()}});
        if (!wish_.trial) StopSignal::ready();
        const int signal = stop_.wait();
        const bool startsOver = StopSignal::isRequest(signal);
        if (!startsOver) StopSignal::stopping();
        log(LogLevel::info, "agent.stopping", {{"signal", std::to_string(signal)}});
        // At once: the workers are to have all of the time that a service manager gives.
        cancel_.request();
        daemon.stop();
        updater.stop();
        return startsOver;
    }

    StopSignal stop_;
    const Context& context_;
    const Wish wish_;
    const std::string file_;
    const AgentSettings settings_;
    const std::unique_ptr<Disk> disk_ = makeSystemDisk();
    AgentFolder folder_;
    VersionFolder versions_{*disk_, folder_.versions()};
    std::optional<FileLock> lock_;
    AgentDaemon* daemon_ = nullptr;  // while it serves
    CancelToken cancel_;
};

int run(const Context& context, const Wish& wish) {
    try {
        return Life(context, wish).run();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::cancelled) throw;
        return exitSuccess;  // a signal during a trial
    }
}

}  // namespace

void addRun(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("run", "Run the agent, in the foreground");
    verb->footer(
        "Connects to its server and carries out what the server orders and [allow] lets it. Goes\n"
        "on when the server is away, and looks for it. SIGTERM and SIGINT end it: runs that are "
        "at\n"
        "work go on where they are when the agent comes back.");
    const auto wish = std::make_shared<Wish>();
    verb->add_option("--worker", wish->worker,
                     "Program that carries out runs (default: runs.worker of the settings,\n"
                     "else coffer-worker beside this program)")
        ->type_name("FILE");
    verb->add_flag("--trial", wish->trial)->group("");  // by which an older version tries this one
    verb->callback(
        [&context, wish] { context.job = [&context, wish] { return run(context, *wish); }; });
}

}  // namespace coffer::agent
