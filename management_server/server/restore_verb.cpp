#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/trust/private_file.h"
#include "management_server/check/database_check.h"
#include "management_server/server/restoration.h"
#include "management_server/server/server_certificates_check.h"
#include "management_server/server/verbs.h"

namespace coffer::server {

namespace {

struct RestoreOptions {
    std::string repository;
    std::string kit;
    std::vector<std::string> moved;
    std::string listen;
};

RestoreOrder orderOf(const RestoreOptions& options) {
    RestoreOrder order{
        options.repository, RecoveryKit::fromText(readTextFile(options.kit)), {}, options.listen};
    for (const std::string& word : options.moved) {
        const auto equals = word.find('=');
        if (equals == word.npos || equals == 0 || equals + 1 == word.size()) {
            throw Error(ErrorCode::invalidArgument,
                        "--moved wants NAME=FOLDER, not " + printable(word.substr(0, 100)));
        }
        order.moved[word.substr(0, equals)] = word.substr(equals + 1);
    }
    return order;
}

// Years may have passed since it was saved. Its own certificate the server makes anew.
void tellOfCertificates(const ServerFolder& folder, const Clock& clock) {
    const DatabaseFacts facts = checkDatabase(folder.databaseFile());
    for (const Finding& finding : checkServerCertificates(folder, facts.agents, clock.now())) {
        if (finding.level == FindingLevel::ok) continue;
        std::cerr << "coffer-server: note: " << finding.subject << ": " << finding.text << ": "
                  << finding.advice << '\n';
    }
}

int restore(const Context& context, const RestoreOptions& options) {
    const auto disk = makeSystemDisk();
    const SystemClock clock;
    ServerFolder folder(*disk, context.state);
    const Restored restored = restoreServer(folder, orderOf(options), clock);
    std::cout << "State folder:  " << printable(folder.path()) << '\n'
              << "Saved:         " << toIso8601(restored.time) << ", number " << restored.number
              << '\n';
    int code = exitSuccess;
    for (const Restored::RepositoryFound& repository : restored.repositories) {
        std::cout << "Repository:    " << printable(repository.name) << " in "
                  << printable(repository.folder) << '\n';
        if (repository.problem.empty()) continue;
        code = exitWarnings;
        std::cerr << "coffer-server: warning: repository " << printable(repository.name)
                  << " was not taken over: " << printable(repository.problem) << '\n';
    }
    if (restored.lostRecords > 0) {
        std::cerr << "coffer-server: note: the last " << restored.lostRecords
                  << " records of the audit log were made after the backup and are lost; it says "
                     "so\n";
    }
    tellOfCertificates(folder, clock);
    std::cout << "Now:           coffer-server run\n";
    return code;
}

}  // namespace

void addRestore(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("restore", "Bring back a server that is lost");
    const auto options = std::make_shared<RestoreOptions>();
    verb->add_option("--repository", options->repository, "Folder of one of its repositories")
        ->type_name("FOLDER")
        ->required();
    verb->add_option("--kit", options->kit, "File with the recovery kit of that repository")
        ->type_name("FILE")
        ->required();
    verb->add_option("--moved", options->moved,
                     "Where another repository lies now, if it does not lie where it\n"
                     "did; may be repeated")
        ->type_name("NAME=FOLDER")
        ->allow_extra_args(false);
    verb->add_option("--listen", options->listen, "Where to listen (default: as before)")
        ->type_name("HOST:PORT");
    verb->footer(
        "The server saves its database, authority, keys and settings into each of its "
        "repositories.\n"
        "From there they come into a state folder that is empty. Agents attach again and users "
        "log\n"
        "in as before; what happened after the last backup, some minutes at most, is lost. The\n"
        "former server, should it come back, can read the repositories but no longer write.\n"
        "Exit code 3: a repository could not be reached.\n\n"
        "Example:\n  coffer-server restore --repository /srv/backup --kit /media/usb/kit.txt");
    verb->callback([&context, options] {
        context.job = [&context, options] { return restore(context, *options); };
    });
}

}  // namespace coffer::server
