#include "core/base/file_lock.h"
#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/rpc/orb.h"
#include "core/service/stop_signal.h"
#include "core/service/system_facts.h"
#include "workstation_agent/agent_daemon.h"
#include "workstation_agent/verbs.h"

namespace coffer::agent {

namespace {

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

// The one named on the command line, the one of the settings, or the one that belongs to us.
std::string workerProgram(const std::string& named, const AgentSettings& settings) {
    if (!named.empty()) return named;
    return settings.worker.empty() ? ownFolder() + "/coffer-worker" : settings.worker;
}

int run(const Context& context, const std::string& worker) {
    StopSignal stop;
    const std::string file = context.settingsFile();
    const AgentSettings settings = AgentSettings::read(file);
    openLog(settings.log);
    const auto disk = makeSystemDisk();
    AgentFolder folder(*disk, context.state);
    folder.identity();  // says how to enrol
    const Endpoint server = serverOf(settings, file);
    const FileLock lock = lockOf(folder);
    folder.make();
    folder.results().clearTemporary();

    const SystemClock clock;
    const auto launcher = makeProcessLauncher(workerProgram(worker, settings));
    rpc::OrbSettings orbSettings;
    orbSettings.role = rpc::OrbRole::agent;
    orbSettings.authorityFile = folder.authorityFile();
    orbSettings.identityFile = folder.certificateFile();
    rpc::Orb orb(orbSettings);
    AgentDaemon daemon({folder, settings, file, COFFER_VERSION, orb,
                        [&] {
                            const CORBA::Object_var port = orb.reach(server, "CofferAgents");
                            return Coffer::AgentPort::_unchecked_narrow(port);
                        },
                        *launcher, clock});
    daemon.start();
    log(LogLevel::info, "agent.started",
        {{"version", COFFER_VERSION}, {"server", server.text()}, {"state", folder.path()}});
    StopSignal::ready();
    const int signal = stop.wait();
    StopSignal::stopping();
    log(LogLevel::info, "agent.stopping", {{"signal", std::to_string(signal)}});
    daemon.stop();
    return exitSuccess;
}

}  // namespace

void addRun(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("run", "Run the agent, in the foreground");
    verb->footer(
        "Connects to its server and carries out what the server orders and [allow] lets it. Goes\n"
        "on when the server is away, and looks for it. SIGTERM and SIGINT end it: runs that are "
        "at\n"
        "work go on where they are when the agent comes back.");
    const auto worker = std::make_shared<std::string>();
    verb->add_option("--worker", *worker,
                     "Program that carries out runs (default: runs.worker of the settings,\n"
                     "else coffer-worker beside this program)")
        ->type_name("FILE");
    verb->callback(
        [&context, worker] { context.job = [&context, worker] { return run(context, *worker); }; });
}

}  // namespace coffer::agent
