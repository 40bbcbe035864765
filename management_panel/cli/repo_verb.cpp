#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/json.h"
#include "core/console/table.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/new_file.h"
#include "management_panel/cli/plain_verb.h"
#include "management_panel/cli/secret_input.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

struct InitOptions {
    std::string name;
    std::string folder;
};

struct AdoptOptions {
    std::string name;
    std::string folder;
    std::string kit;
};

struct KitOptions {
    std::string file;
    std::shared_ptr<std::string> repository;
};

Json jsonOf(const Coffer::RepositoryInfo& repository) {
    Json object = Json::object();
    putOctets(object, "name", repository.name.in());
    putOctets(object, "folder", repository.folder.in());
    putOctets(object, "id", repository.id.in());
    object["kitConfirmed"] = static_cast<bool>(repository.kitConfirmed);
    object["facts"] = factsJson(repository.facts);
    return object;
}

struct RemoveOptions {
    std::string name;
    bool despiteTasks = false;
    bool deleteData = false;
};

std::string factOf(const Coffer::RepositoryInfo& repository, const char* name) {
    return rpc::textIn(rpc::toMap(repository.facts), name, "");
}

// Empty while it is in use.
std::string stateText(const Coffer::RepositoryInfo& repository) {
    const std::string until = factOf(repository, "removed-until");
    if (!until.empty()) return "REMOVED until " + shown(until);
    return factOf(repository, "problem").empty() ? "" : "cannot be opened";
}

std::string kitText(const Coffer::RepositoryInfo& repository) {
    if (repository.kitConfirmed) return "confirmed";
    if (!factOf(repository, "problem").empty()) return "unknown";
    return "NOT CONFIRMED: backups are refused until it is";
}

int list(Context& context) {
    const auto manager = context.connection().repositories();
    Coffer::RepositoryInfos_var found = rpc::call(
        "list the repositories", [&] { return Coffer::RepositoryInfos_var(manager->list()); });
    if (context.options.json) {
        JsonArray array(std::cout);
        for (CORBA::ULong i = 0; i < found->length(); ++i) array.add(jsonOf(found[i]));
        array.finish();
        return exitSuccess;
    }
    if (found->length() == 0) {
        std::cout << "No repositories yet: 'coffer repo init main FOLDER' makes one.\n";
        return exitSuccess;
    }
    Table table({{"repository"}, {"folder"}, {"recovery kit"}, {"state"}});
    for (CORBA::ULong i = 0; i < found->length(); ++i) {
        table.add({shown(found[i].name.in()), shown(found[i].folder.in()), kitText(found[i]),
                   stateText(found[i])});
    }
    table.print(std::cout);
    return exitSuccess;
}

int info(Context& context, const std::string& name) {
    const auto manager = context.connection().repositories();
    const Coffer::RepositoryInfo_var found = rpc::call("look at the repository", [&] {
        return Coffer::RepositoryInfo_var(manager->get(name.c_str()));
    });
    if (context.options.json) {
        printJson(std::cout, jsonOf(found));
        return exitSuccess;
    }
    FactTable facts;
    facts.add("repository", shown(found->name.in()));
    facts.add("folder", shown(found->folder.in()));
    facts.add("id", shown(found->id.in()));
    facts.add("recovery kit", kitText(found));
    for (CORBA::ULong i = 0; i < found->facts.length(); ++i) {
        addFact(facts, found->facts[i]);
    }
    facts.print(std::cout);
    return exitSuccess;
}

void printPlace(const std::string& name, const std::string& folder) {
    Json object = Json::object();
    putOctets(object, "name", name);
    putOctets(object, "folder", folder);
    printJson(std::cout, object);
}

int init(Context& context, const InitOptions& options) {
    const auto manager = context.connection().repositories();
    rpc::call("make the repository",
              [&] { manager->create(options.name.c_str(), rpc::toPath(options.folder)); });
    if (context.options.json) {
        printPlace(options.name, options.folder);
    } else if (!context.options.quiet) {
        const std::string which =
            options.name == "main" ? "" : " --repo " + printable(options.name);
        std::cout << "The repository " << printable(options.name)
                  << " is made. Before the first backup keep its recovery kit:\n"
                     "  coffer repo recovery-kit export FILE"
                  << which << "\n  coffer repo recovery-kit confirm FILE" << which << '\n';
    }
    return exitSuccess;
}

int adopt(Context& context, const AdoptOptions& options) {
    const std::string kit = readText(options.kit);
    const auto manager = context.connection().repositories();
    rpc::call("take the repository over", [&] {
        manager->adopt(options.name.c_str(), rpc::toPath(options.folder), kit.c_str());
    });
    if (context.options.json) {
        printPlace(options.name, options.folder);
    } else if (!context.options.quiet) {
        std::cout << "The repository " << printable(options.name)
                  << " belongs to this server now; its former one can only read.\n";
    }
    return exitSuccess;
}

int exportKit(Context& context, const KitOptions& options) {
    const auto manager = context.connection().repositories();
    const CORBA::String_var kit = rpc::call("ask for the recovery kit", [&] {
        return CORBA::String_var(manager->exportKit(options.repository->c_str()));
    });
    if (options.file == "-") {
        std::cout << kit.in();
        return exitSuccess;
    }
    writeNewFile(options.file, kit.in());
    if (context.options.json) {
        Json object = Json::object();
        putOctets(object, "file", options.file);
        printJson(std::cout, object);
    } else if (!context.options.quiet) {
        std::cout << "The recovery kit is in " << printable(options.file)
                  << ".\nPrint it or copy it to where the server's fate does not reach it, then "
                     "run:\n  coffer repo recovery-kit confirm FILE\n";
    }
    return exitSuccess;
}

int confirmKit(Context& context, const KitOptions& options) {
    const std::string kit = readText(options.file);
    const auto manager = context.connection().repositories();
    rpc::call("confirm the recovery kit",
              [&] { manager->confirmKit(options.repository->c_str(), kit.c_str()); });
    if (context.options.json) {
        printJson(std::cout, {{"kitConfirmed", true}});
    } else if (!context.options.quiet) {
        std::cout << "Confirmed. The server keeps no copy of the kit; backups can begin.\n";
    }
    return exitSuccess;
}

// Out of the list, which has those that cannot be opened, too.
std::string folderOf(Coffer::RepositoryManager_ptr manager, const std::string& name) {
    Coffer::RepositoryInfos_var all = rpc::call(
        "list the repositories", [&] { return Coffer::RepositoryInfos_var(manager->list()); });
    for (CORBA::ULong i = 0; i < all->length(); ++i) {
        if (name == all[i].name.in()) return shown(all[i].folder.in());
    }
    return "its folder";
}

int remove(Context& context, const RemoveOptions& options) {
    const auto word = [](bool truth) { return truth ? "yes" : "no"; };
    const auto manager = context.connection().repositories();
    // Asked for before: it may be gone at once.
    const std::string folder = folderOf(manager, options.name);
    const Coffer::Moment until = rpc::call("remove the repository", [&] {
        return manager->remove(options.name.c_str(),
                               rpc::toSettings({{"despite-tasks", word(options.despiteTasks)},
                                                {"delete-data", word(options.deleteData)}}));
    });
    Json object = Json::object();
    putOctets(object, "name", options.name);
    object["removedUntil"] = momentJson(until);
    object["deletesData"] = options.deleteData;
    const std::string name = printable(options.name);
    const std::string data =
        options.deleteData ? " is deleted, too: all of its backups."
                           : " stays: 'coffer repo adopt' takes it back with its recovery kit.";
    return answer(context, object,
                  "The repository " + name + " is removed. Until " + momentText(until) +
                      " 'coffer repo keep " + name +
                      "' takes that back;\nthen the server deletes its keys and forgets it.\n"
                      "What lies in " +
                      folder + data);
}

int keep(Context& context, const std::string& name) {
    const auto manager = context.connection().repositories();
    rpc::call("keep the repository", [&] { manager->keep(name.c_str()); });
    Json object = Json::object();
    putOctets(object, "kept", name);
    return answer(context, object, "The repository " + printable(name) + " stays, as it was.");
}

std::string checkAbsolute(std::string& word) {
    if (word.starts_with('/')) return {};
    return "'" + printable(word) + "' is no absolute path of the server";
}

void addInit(CLI::App& group, Context& context) {
    auto* verb = group.add_subcommand("init", "Make a repository in a folder of the server");
    const auto options = std::make_shared<InitOptions>();
    verb->add_option("NAME", options->name, "What it will be called; 'main' is the default one")
        ->required();
    verb->add_option("FOLDER", options->folder, "An empty folder of the server, or a new one")
        ->required()
        ->check(CLI::Validator(checkAbsolute, "", ""));
    verb->footer("Example:\n  coffer repo init main /srv/backup");
    verb->callback([&context, options] {
        context.job = [&context, options] { return init(context, *options); };
    });
}

void addAdopt(CLI::App& group, Context& context) {
    auto* verb = group.add_subcommand("adopt", "Take over a repository whose server is lost");
    const auto options = std::make_shared<AdoptOptions>();
    verb->add_option("NAME", options->name, "What it will be called here")->required();
    verb->add_option("FOLDER", options->folder, "The folder of the server that holds it")
        ->required()
        ->check(CLI::Validator(checkAbsolute, "", ""));
    verb->add_option("KITFILE", options->kit, "Its recovery kit; - for standard input")->required();
    verb->footer(
        "The server gets its keys out of the kit and builds its databases out of the repository.\n"
        "The former server, should it come back, can read but no longer write.\n\n"
        "Example:\n  coffer repo adopt main /srv/backup /media/usb/kit.txt");
    verb->callback([&context, options] {
        context.job = [&context, options] { return adopt(context, *options); };
    });
}

void addRemove(CLI::App& group, Context& context) {
    auto* verb = group.add_subcommand("remove", "Remove a repository from the server");
    const auto options = std::make_shared<RemoveOptions>();
    verb->add_option("NAME", options->name, "Which")->required();
    verb->add_flag("--despite-tasks", options->despiteTasks,
                   "Also when tasks name it; they fail from now on");
    verb->add_flag(
        "--delete-data", options->deleteData,
        "When the time is over, also delete what lies in its folder:\nall of its backups");
    verb->footer(
        "For deleters. Nobody can use it any more; for some days (repositories.grace-days)\n"
        "'coffer repo keep' takes that back. Then the server deletes its keys, and what lies in "
        "its\n"
        "folder can be read with the recovery kit alone.\n\n"
        "Example:\n  coffer repo remove old");
    verb->callback([&context, options] {
        context.job = [&context, options] { return remove(context, *options); };
    });
}

void addKeep(CLI::App& group, Context& context) {
    auto* verb = group.add_subcommand("keep", "Take the removal of a repository back");
    const auto name = std::make_shared<std::string>();
    verb->add_option("NAME", *name, "Which")->required();
    verb->footer(
        "Possible until the time that 'coffer repo list' shows.\n\n"
        "Example:\n  coffer repo keep old");
    verb->callback(
        [&context, name] { context.job = [&context, name] { return keep(context, *name); }; });
}

void addKit(CLI::App& group, Context& context) {
    auto* kit = group.add_subcommand("recovery-kit", "Export or confirm the recovery kit");
    kit->require_subcommand(1);
    kit->footer(
        "The recovery kit is a text that opens the repository when the server is lost. Whoever\n"
        "has it and the repository can read all backups.\n\n"
        "Example:\n"
        "  coffer repo recovery-kit export /media/usb/kit.txt\n"
        "  coffer repo recovery-kit confirm /media/usb/kit.txt");
    const auto options = std::make_shared<KitOptions>();

    auto* exporting = kit->add_subcommand("export", "Write the kit into a new file");
    exporting
        ->add_option("FILE", options->file,
                     "A new file, made for its owner only; - for standard\noutput")
        ->required();
    exporting->footer(
        "Possible until the kit is confirmed; then the server forgets it.\n\n"
        "Example:\n  coffer repo recovery-kit export /media/usb/kit.txt");
    exporting->callback([&context, options] {
        context.job = [&context, options] { return exportKit(context, *options); };
    });

    auto* confirming = kit->add_subcommand("confirm", "Prove that the kit was kept");
    confirming->add_option("FILE", options->file, "The kept kit, read back; - for standard input")
        ->required();
    options->repository = addRepositoryOption(*exporting);
    addRepositoryOption(*confirming, options->repository);
    confirming->footer(
        "Backups are possible once the kit is confirmed.\n\n"
        "Example:\n  coffer repo recovery-kit confirm /media/usb/kit.txt");
    confirming->callback([&context, options] {
        context.job = [&context, options] { return confirmKit(context, *options); };
    });
}

}  // namespace

void addRepository(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("repo", "Make, look at and remove repositories");
    group->require_subcommand(1);
    group->footer("Example:\n  coffer repo list");

    auto* listing = group->add_subcommand("list", "List the repositories");
    listing->footer("Example:\n  coffer repo list");
    listing->callback([&] { context.job = [&] { return list(context); }; });

    auto* showing = group->add_subcommand("info", "Facts about a repository");
    const auto name = std::make_shared<std::string>("main");
    showing->add_option("NAME", *name, "Which (default: main)");
    showing->footer("Example:\n  coffer repo info");
    showing->callback(
        [&context, name] { context.job = [&context, name] { return info(context, *name); }; });

    addInit(*group, context);
    addAdopt(*group, context);
    addRemove(*group, context);
    addKeep(*group, context);
    addKit(*group, context);
}

}  // namespace coffer::cli
