#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/service/log_settings.h"
#include "core/service/stop_signal.h"
#include "core/trust/private_file.h"
#include "management_server/server/server.h"
#include "management_server/server/server_certificate.h"
#include "management_server/server/verbs.h"
#include "management_server/settings/setting_table.h"

namespace coffer::server {

namespace {

/// The file that says where the server listens, while it does.
class EndpointFile {
  public:
    explicit EndpointFile(const ServerFolder& folder) : folder_(folder) { remove(); }
    ~EndpointFile() {
        try {
            remove();
        } catch (const Error&) {
            // The next server removes it.
        }
    }
    EndpointFile(const EndpointFile&) = delete;
    EndpointFile& operator=(const EndpointFile&) = delete;

    /// As programs of this computer reach it.
    void write(Endpoint where) {
        if (where.host.empty() || where.host == "0.0.0.0" || where.host == "::") {
            where.host = "127.0.0.1";
        }
        writePrivateFile(folder_.endpointFile(), where.text() + "\n");
    }

  private:
    void remove() const { removeIfThere(folder_.disk(), folder_.endpointFile()); }

    const ServerFolder& folder_;
};

rpc::OrbSettings orbSettings(const ServerFolder& folder, const ServerSettings& settings,
                             const Server& server) {
    rpc::OrbSettings orb;
    orb.role = rpc::OrbRole::server;
    orb.authorityFile = folder.authorityFile();
    orb.identityFile = folder.certificateFile();
    orb.listen = settings.listen;
    orb.accepts = [&server](const CertificateFacts& peer) { return server.accepts(peer); };
    return orb;
}

// With what administrators have set. A database that cannot be read is told of by who opens it.
ServerSettings settledSettings(const ServerFolder& folder, const SettingsFile& files) {
    SettingsFile::Values values;
    try {
        SqlDatabase database(folder.databaseFile(), false);
        values = valuesSetIn(database);
    } catch (const Error& error) {
        log(LogLevel::warning, "settings.not-read", {{"message", error.what()}});
    }
    return ServerSettings::from(settleServerSettings(files, values).file);
}

void reload(Server& server) {
    reopenLog();
    try {
        server.reload();
        log(LogLevel::info, "server.reloaded");
    } catch (const Error& error) {
        log(LogLevel::error, "server.reload-failed", {{"message", error.what()}});
    }
}

int run(const Context& context) {
    StopSignal stop;
    const auto disk = makeSystemDisk();
    const ServerFolder folder(*disk, context.state);
    folder.require();
    const std::vector<std::string> settingsFiles = context.settingsFiles(folder);
    const SettingsFile files(settingsFiles, ServerSettings::rules());
    openLog(readLogSettings(files));
    const FileLock lock = folder.lock();
    const ServerSettings settings = settledSettings(folder, files);
    openLog(settings.log);
    const SystemClock clock;
    const Argon2Hasher hasher;
    const CertificateAuthority authority = CertificateAuthority::load(folder.path(), clock);
    ServerCertificate certificate(authority, clock, folder.certificateFile(), settings.hosts);
    if (certificate.due()) certificate.renew();

    EndpointFile endpoint(folder);
    Server server({folder, settings, authority, hasher, clock, COFFER_VERSION, settingsFiles});
    rpc::Orb orb(orbSettings(folder, settings, server));
    server.serve(orb);
    endpoint.write(settings.listen.port == 0
                       ? orb.listening()
                       : Endpoint{settings.listen.host, orb.listening().port});
    log(LogLevel::info, "server.started",
        {{"version", COFFER_VERSION},
         {"listen", orb.listening().text()},
         {"state", printable(folder.path())}});
    StopSignal::ready();
    const int signal = stop.wait([&] { reload(server); });
    StopSignal::stopping();
    log(LogLevel::info, "server.stopping", {{"signal", std::to_string(signal)}});
    server.stop();
    return exitSuccess;
}

}  // namespace

void addRun(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("run", "Run the server, in the foreground");
    verb->footer(
        "SIGTERM and SIGINT end it: sessions end, runs go on at the agents and are taken up when\n"
        "the server is back. SIGHUP makes it read its settings and its certificate anew, which it\n"
        "renews itself in time.");
    verb->callback([&context] { context.job = [&context] { return run(context); }; });
}

}  // namespace coffer::server
