#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "management_server/server/server_settings.h"
#include "management_server/server/verbs.h"

namespace coffer::server {

namespace {

struct InitOptions : InitOrder {
    std::string passwordFile;
};

struct ResetOptions {
    std::string user;
    std::string passwordFile;
};

// Another file may set something else than what was asked for here.
void noteOverridden(const Context& context, const ServerFolder& folder, const InitOrder& order) {
    const ServerSettings settings = ServerSettings::read(context.settingsFiles(folder));
    if (order.listen.empty() || settings.listen.text() == Endpoint::parse(order.listen).text()) {
        return;
    }
    std::cerr << "coffer-server: note: " << printable(context.settingsFiles(folder).back())
              << " sets server.listen = " << settings.listen.text() << ", which counts\n";
}

int init(const Context& context, const InitOptions& options) {
    const ShowPassword show = passwordShower(options.passwordFile, "admin");
    const auto disk = makeSystemDisk();
    const SystemClock clock;
    ServerFolder folder(*disk, context.state);
    const std::string fingerprint = initialise(folder, options, Argon2Hasher(), clock, show);
    std::cout << "State folder:  " << printable(folder.path()) << '\n'
              << "Authority:     " << fingerprint << '\n';
    if (!options.passwordFile.empty()) {
        std::cout << "Password:      of admin, for one login, in "
                  << printable(options.passwordFile) << '\n';
    }
    noteOverridden(context, folder, options);
    return exitSuccess;
}

int reset(const Context& context, const ResetOptions& options) {
    const ShowPassword show = passwordShower(options.passwordFile, options.user);
    const auto disk = makeSystemDisk();
    const SystemClock clock;
    resetPassword(ServerFolder(*disk, context.state), options.user, Argon2Hasher(), clock, show);
    return exitSuccess;
}

void addPasswordFile(CLI::App& verb, std::string& file) {
    verb.add_option("--password-file", file,
                    "Write the password into this file, for its owner only\n"
                    "(default: show it on the terminal)")
        ->type_name("FILE");
}

}  // namespace

void addInit(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("init", "Make a new server");
    const auto options = std::make_shared<InitOptions>();
    verb->add_option("--listen", options->listen,
                     "Where to listen (default: port 2424 of all addresses)")
        ->type_name("HOST:PORT");
    verb->add_option("--host", options->hosts,
                     "A name or address of this server, for its certificate;\n"
                     "may be repeated (default: the computer's name)")
        ->type_name("NAME")
        ->allow_extra_args(false);
    addPasswordFile(*verb, options->passwordFile);
    verb->footer(
        "Makes the network's certificate authority, the database and the user 'admin', whose\n"
        "password has to be changed at the first login. The fingerprint of the authority is what\n"
        "'coffer login --fingerprint' wants to see; it is no secret.\n\n"
        "Example:\n  coffer-server init --host backup.example --host 192.0.2.7");
    verb->callback([&context, options] {
        context.job = [&context, options] { return init(context, *options); };
    });
}

void addResetPassword(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("reset-password", "Give a user a new password, for one login");
    const auto options = std::make_shared<ResetOptions>();
    verb->add_option("USER", options->user, "Whose")->required();
    addPasswordFile(*verb, options->passwordFile);
    verb->footer("The server has to be stopped.\n\nExample:\n  coffer-server reset-password admin");
    verb->callback([&context, options] {
        context.job = [&context, options] { return reset(context, *options); };
    });
}

}  // namespace coffer::server
