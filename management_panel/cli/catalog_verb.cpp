#include <iostream>

#include "core/console/exit_codes.h"
#include "core/console/table.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/plain_verb.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

int showState(Context& context, const std::string& repository) {
    const auto catalog = context.connection().catalog();
    const Coffer::CatalogState_var state = rpc::call("look at the catalogue", [&] {
        return Coffer::CatalogState_var(catalog->state(repository.c_str()));
    });
    if (context.options.json) {
        Json object{{"read", state->read}, {"unread", state->unreadCount}};
        object["working"] = state->working;
        object["unreadSnapshots"] = Json::array();
        for (CORBA::ULong i = 0; i < state->unread.length(); ++i) {
            object["unreadSnapshots"].push_back(shown(state->unread[i].in()));
        }
        printJson(std::cout, object);
        return exitSuccess;
    }
    FactTable facts;
    facts.add("snapshots in it", std::to_string(state->read));
    facts.add("not read yet", std::to_string(state->unreadCount));
    facts.add("at work", state->working ? "yes" : "no");
    facts.print(std::cout);
    return exitSuccess;
}

int rebuild(Context& context, const std::string& repository) {
    const auto catalog = context.connection().catalog();
    rpc::call("make the catalogue anew", [&] { catalog->rebuild(repository.c_str()); });
    return answer(context, {{"rebuilding", repository}},
                  "the catalogue of " + shown(repository) +
                      " is made anew: 'coffer catalog status' tells how far it is");
}

using Job = int (*)(Context& context, const std::string& repository);

void add(CLI::App& group, Context& context, const char* name, const char* about, Job job,
         const char* footer) {
    auto* verb = group.add_subcommand(name, about);
    const auto repository = addRepositoryOption(*verb);
    verb->footer(footer);
    verb->callback([&context, repository, job] {
        context.job = [&context, repository, job] { return job(context, *repository); };
    });
}

}  // namespace

void addCatalog(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("catalog", "Which snapshots 'find' knows, and reading anew");
    group->require_subcommand(1);
    group->footer("Example:\n  coffer catalog status");
    add(*group, context, "status", "How many snapshots are in the catalogue", showState,
        "Example:\n  coffer catalog status --repo offsite");
    add(*group, context, "rebuild", "Throw it away and read all snapshots again", rebuild,
        "The server does it by itself when it finds the catalogue damaged.\n\n"
        "Example:\n  coffer catalog rebuild");
}

}  // namespace coffer::cli
