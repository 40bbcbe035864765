#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/table.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/grant_view.h"
#include "management_panel/cli/plain_verb.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

struct AddOptions {
    std::string holder;
    std::string role;
    std::shared_ptr<GrantOptions> where;
};

int list(Context& context) {
    const auto manager = context.connection().access();
    Coffer::GrantInfos_var grants =
        rpc::call("list the grants", [&] { return Coffer::GrantInfos_var(manager->grants()); });
    if (context.options.json) {
        JsonArray array(std::cout);
        for (CORBA::ULong i = 0; i < grants->length(); ++i) array.add(grantJson(grants[i]));
        array.finish();
        return exitSuccess;
    }
    Table table({{"number"}, {"holder"}, {"role"}});
    for (CORBA::ULong i = 0; i < grants->length(); ++i) {
        table.add(
            {std::to_string(grants[i].number), shown(grants[i].holder.in()), grantText(grants[i])});
    }
    table.print(std::cout);
    return exitSuccess;
}

int add(Context& context, const AddOptions& options) {
    const bool named = options.holder.find(':') != std::string::npos;
    const Coffer::GrantInfo grant =
        grantOf(named ? options.holder : "user:" + options.holder, options.role, *options.where);
    const auto manager = context.connection().access();
    const long long number = rpc::call("give a role", [&] { return manager->addGrant(grant); });
    return answer(context, {{"number", number}},
                  printable(options.holder) + ": " + grantText(grant) + ", grant " +
                      std::to_string(number) + ".");
}

int remove(Context& context, long long number) {
    const auto manager = context.connection().access();
    rpc::call("take a role away", [&] { manager->removeGrant(number); });
    return answer(context, {{"removed", number}},
                  "Grant " + std::to_string(number) + " is taken away.");
}

}  // namespace

void addGrants(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("grant", "Who may do what: roles of users and groups");
    group->require_subcommand(1);
    group->footer(
        "Roles: viewer, operator (runs and restores), administrator, deleter (the only one who "
        "may\n"
        "forget and prune), auditor (reads the audit log).\n\nExample:\n  coffer grant list");
    addPlain(*group, context,
             {"list",
              "List the grants: all, or your own",
              {},
              "Example:\n  coffer grant list",
              [](Context& given, const std::vector<std::string>&) { return list(given); }});

    auto* adding = group->add_subcommand("add", "Give a role");
    const auto options = std::make_shared<AddOptions>();
    adding->add_option("HOLDER", options->holder, "A user's name, or group:NAME")->required();
    onlyRoles(adding->add_option("ROLE", options->role, "Which role")->required());
    options->where = addGrantOptions(*adding);
    adding->footer(
        "Examples:\n"
        "  coffer grant add ann viewer\n"
        "  coffer grant add group:desk operator --agent laptop-7 --agent laptop-8");
    adding->callback([&context, options] {
        context.job = [&context, options] { return add(context, *options); };
    });

    auto* removing = group->add_subcommand("remove", "Take a role away");
    const auto number = std::make_shared<long long>(0);
    removing->add_option("NUMBER", *number, "Of the grant, as 'coffer grant list' shows it")
        ->required();
    removing->footer("Example:\n  coffer grant remove 12");
    removing->callback([&context, number] {
        context.job = [&context, number] { return remove(context, *number); };
    });
}

}  // namespace coffer::cli
