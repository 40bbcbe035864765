#include "store_server/program.h"

#include "core/base/error.h"
#include "core/base/file_lock.h"
#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/service_program.h"
#include "core/service/stop_signal.h"
#include "store_server/store_server.h"

namespace coffer::store {

namespace {

constexpr const char* footer =
    "Needs store.address in server.ini, and that coffer-server was started once since: it hands\n"
    "over a certificate, the key of run tokens and the list of agents. Then:\n"
    "  coffer-store run\n\n"
    "Settings: store.ini in the folder 'store' of a state folder that was named, else\n"
    "/etc/coffer/store.ini.\n"
    "Exit codes: 0 success, 1 failed, 2 wrong usage, 5 another store runs, or the port is taken.";

std::string settingsFile(const ServiceContext& context) {
    if (!context.config.empty()) return context.config;
    return context.stateNamed ? rpc::HandedOver(context.state).folder + "/store.ini"
                              : "/etc/coffer/store.ini";
}

rpc::OrbSettings orbSettings(const rpc::HandedOver& given, const StoreSettings& settings,
                             const StoreServer& server) {
    rpc::OrbSettings orb;
    orb.role = rpc::OrbRole::server;
    orb.authorityFile = given.authorityFile();
    orb.identityFile = given.certificateFile();
    orb.listen = settings.listen;
    orb.accepts = [&server](const CertificateFacts& peer) { return server.accepts(peer); };
    return orb;
}

int run(const ServiceContext& context) {
    StopSignal stop;
    // What it makes belongs to the server as well.
    const auto disk = makeSystemDisk(DiskAccess::group);
    const StoreSettings settings = StoreSettings::read(settingsFile(context));
    openLog(settings.log);
    const rpc::HandedOver given(disk->canonical(context.state));
    const SystemClock clock;
    StoreServer server(*disk, given, settings, clock);
    const FileLock lock = during("store " + printable(given.folder),
                                 [&] { return FileLock::take(given.lockFile()); });
    rpc::Orb orb(orbSettings(given, settings, server));
    server.serve(orb);
    log(LogLevel::info, "store.started",
        {{"version", COFFER_VERSION},
         {"listen", orb.listening().text()},
         {"state", printable(given.folder)}});
    StopSignal::ready();
    const int signal = stop.wait([&] {
        reopenLog();
        server.followCertificate(orb);
    });
    StopSignal::stopping();
    log(LogLevel::info, "store.stopping", {{"signal", std::to_string(signal)}});
    server.stop(orb);
    return exitSuccess;
}

void addRun(CLI::App& app, ServiceContext& context) {
    auto* verb = app.add_subcommand("run", "Run the store, in the foreground");
    verb->footer(
        "SIGTERM and SIGINT end it: calls that are under way are served to their end, and runs go\n"
        "on where they are when it is back.");
    verb->callback([&context] { context.job = [&context] { return run(context); }; });
}

}  // namespace

int runProgram(std::vector<std::string> words) {
    ServiceContext context{"/var/lib/coffer/server"};
    return runService({.name = "coffer-store",
                       .version = COFFER_VERSION,
                       .purpose = "The store of a Coffer server, in a process of its own.",
                       .footer = footer,
                       .configHelp = "Settings (default: /etc/coffer/store.ini, unless --state is "
                                     "given)",
                       .addVerbs = [&](CLI::App& app) { addRun(app, context); },
                       .settings = [] { return SettingsFile::commented(StoreSettings::rules()); }},
                      context, std::move(words));
}

}  // namespace coffer::store
