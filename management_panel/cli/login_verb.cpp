#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/json.h"
#include "core/rpc/failure.h"
#include "core/trust/private_file.h"
#include "management_panel/cli/secret_input.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/client/login.h"

namespace coffer::cli {

namespace {

struct LoginOptions {
    std::string server;
    std::string user;
    std::string fingerprint;
    std::string authorityFile;
    std::string passwordFile;
    bool renew = false;
};

// What the login before had is the default.
client::SavedSession former(const client::ClientFolder& folder) {
    try {
        return client::loadSession(folder);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::loginAgain) throw;
        return {};
    }
}

client::LoginOrder orderFor(const LoginOptions& options, const client::ClientFolder& folder) {
    const client::SavedSession saved = former(folder);
    client::LoginOrder order;
    order.server = options.server.empty() ? saved.server : Endpoint::parse(options.server);
    order.user = options.user.empty() ? saved.user : options.user;
    if (order.server.host.empty() || order.user.empty()) {
        throw Error(ErrorCode::invalidArgument,
                    "this is the first login: say where and who with --server HOST:PORT and "
                    "--user NAME");
    }
    order.fingerprint = options.fingerprint;
    if (!options.authorityFile.empty()) order.authority = readTextFile(options.authorityFile);
    order.renew = options.renew;
    return order;
}

int login(Context& context, const LoginOptions& options) {
    const client::ClientFolder folder = client::ClientFolder::ofUser();
    client::LoginOrder order = orderFor(options, folder);
    SecretInput input(options.passwordFile, context.cancel);
    order.password =
        input.next("Password of " + printable(order.user) + " at " + order.server.text() + ": ");
    order.code = [&input] { return input.next("Code of the second factor: "); };
    const client::LoginAnswer answer = client::logIn(folder, order, SystemClock());
    if (context.options.json) {
        Json object{{"server", order.server.text()}};
        putOctets(object, "user", order.user);
        object["mustChangePassword"] = answer.mustChangePassword;
        printJson(std::cout, object);
    } else if (!context.options.quiet) {
        std::cout << "Logged in at " << order.server.text() << " as " << printable(order.user)
                  << ".\n";
    }
    if (answer.mustChangePassword) {
        Reporter(context.options)
            .note("this password was for once: change it with 'coffer passwd'");
    }
    return exitSuccess;
}

int logout(Context& context) {
    client::logOut(client::ClientFolder::ofUser());
    if (context.options.json) {
        printJson(std::cout, {{"loggedOut", true}});
    } else if (!context.options.quiet) {
        std::cout << "Logged out.\n";
    }
    return exitSuccess;
}

int changePassword(Context& context, const std::string& file) {
    SecretInput input(file, context.cancel);
    const std::string old = input.next("Old password: ");
    const std::string fresh = input.next("New password: ");
    if (input.asks() && input.next("New password once more: ") != fresh) {
        throw Error(ErrorCode::invalidArgument, "the new password was typed in two ways");
    }
    const auto session = context.connection().session();
    rpc::call("change the password", [&] { session->changePassword(old.c_str(), fresh.c_str()); });
    if (context.options.json) {
        printJson(std::cout, {{"passwordChanged", true}});
    } else if (!context.options.quiet) {
        std::cout << "The password was changed.\n";
    }
    return exitSuccess;
}

void addPasswd(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("passwd", "Change your password");
    const auto file = std::make_shared<std::string>();
    verb->add_option("--password-file", *file,
                     "Read the old and the new password from a file, one a\n"
                     "line; - for standard input")
        ->type_name("FILE");
    verb->footer(
        "Without --password-file they are asked for on the terminal.\n\n"
        "Example:\n  coffer passwd");
    verb->callback([&context, file] {
        context.job = [&context, file] { return changePassword(context, *file); };
    });
}

}  // namespace

void addLogin(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("login", "Log in at a server");
    const auto options = std::make_shared<LoginOptions>();
    verb->add_option("--server", options->server, "The server (default: as the last time)")
        ->type_name("HOST:PORT");
    verb->add_option("--user", options->user, "Your name there (default: as the last time)")
        ->type_name("NAME");
    auto* fingerprint =
        verb->add_option("--fingerprint", options->fingerprint,
                         "SHA-256 of the authority's certificate, 64 digits, as the\n"
                         "server showed it when it was set up")
            ->type_name("HEX");
    verb->add_option("--ca", options->authorityFile, "Or that certificate itself (PEM)")
        ->type_name("FILE")
        ->excludes(fingerprint);
    verb->add_option("--password-file", options->passwordFile,
                     "Read the password from a file, and behind it the code, if\n"
                     "there is a second factor; - for standard input")
        ->type_name("FILE");
    verb->add_flag("--renew", options->renew, "Have a new certificate made for this program");
    verb->footer(
        "The first login at a server needs the fingerprint of its authority, or the certificate:\n"
        "then both ends know each other, and nobody between can listen. What is needed for the\n"
        "calls after it is kept in ~/.config/coffer (or COFFER_CONFIG) for you alone. A session\n"
        "ends by logout, two hours without a call, or after 48 hours. A token ('coffer token "
        "make')\n"
        "stands in place of the password.\n\n"
        "Examples:\n"
        "  coffer login --server backup.example:2424 --user ann --fingerprint 3f9a…\n"
        "  coffer login\n"
        "  coffer login --password-file - <password.txt");
    verb->callback([&context, options] {
        context.job = [&context, options] { return login(context, *options); };
    });

    auto* leaving = app.add_subcommand("logout", "End the session");
    leaving->footer("Example:\n  coffer logout");
    leaving->callback([&] { context.job = [&] { return logout(context); }; });

    addPasswd(app, context);
}

}  // namespace coffer::cli
