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

struct MakeOptions {
    std::string title;
    std::vector<std::string> roles;
    std::shared_ptr<GrantOptions> where;
    unsigned days = 90;
    std::string file;
};

std::string rolesText(const Coffer::GrantInfos& grants) {
    std::string text;
    for (CORBA::ULong i = 0; i < grants.length(); ++i) {
        text += (i == 0 ? "" : "; ") + grantText(grants[i]);
    }
    return text;
}

Json jsonOf(const Coffer::ApiTokenInfo& token) {
    Json object = Json::object();
    putOctets(object, "id", token.id.in());
    putOctets(object, "user", token.user.in());
    putOctets(object, "title", token.title.in());
    object["made"] = momentJson(token.made);
    object["expires"] = momentJson(token.expires);
    object["used"] = momentJson(token.used);
    object["grants"] = Json::array();
    for (CORBA::ULong i = 0; i < token.grants.length(); ++i) {
        object["grants"].push_back(grantJson(token.grants[i]));
    }
    return object;
}

int list(Context& context) {
    const auto manager = context.connection().access();
    Coffer::ApiTokenInfos_var tokens =
        rpc::call("list the tokens", [&] { return Coffer::ApiTokenInfos_var(manager->tokens()); });
    if (context.options.json) {
        JsonArray array(std::cout);
        for (CORBA::ULong i = 0; i < tokens->length(); ++i) array.add(jsonOf(tokens[i]));
        array.finish();
        return exitSuccess;
    }
    Table table({{"id"}, {"user"}, {"title"}, {"expires"}, {"last used"}, {"may"}});
    for (CORBA::ULong i = 0; i < tokens->length(); ++i) {
        const Coffer::ApiTokenInfo& token = tokens[i];
        table.add({shown(token.id.in()), shown(token.user.in()), shown(token.title.in()),
                   momentText(token.expires), momentText(token.used), rolesText(token.grants)});
    }
    table.print(std::cout);
    return exitSuccess;
}

int make(Context& context, const MakeOptions& options) {
    Coffer::GrantInfos grants;
    grants.length(static_cast<CORBA::ULong>(options.roles.size()));
    CORBA::ULong at = 0;
    for (const std::string& role : options.roles) {
        grants[at++] = grantOf("", role, *options.where);
    }
    const auto manager = context.connection().access();
    const CORBA::String_var token = rpc::call("make a token", [&] {
        return CORBA::String_var(manager->makeToken(options.title.c_str(), options.days, grants));
    });
    Json object = Json::object();
    putOctets(object, "title", options.title);
    object["days"] = options.days;
    handOver(context, object, "token", token.in(), options.file);
    Reporter(context.options).note("it cannot be shown again; a login takes it as the password");
    return exitSuccess;
}

int remove(Context& context, const std::vector<std::string>& words) {
    const auto manager = context.connection().access();
    rpc::call("remove the token", [&] { manager->removeToken(words[0].c_str()); });
    Json object = Json::object();
    putOctets(object, "removed", words[0]);
    return answer(context, object, "The token " + printable(words[0]) + " is worthless now.");
}

void addMake(CLI::App& group, Context& context) {
    auto* verb = group.add_subcommand("make", "Make a token for a script, in your name");
    const auto options = std::make_shared<MakeOptions>();
    verb->add_option("TITLE", options->title, "What it is for")->required();
    onlyRoles(verb->add_option("--role", options->roles, "What it may do; may be repeated")
                  ->type_name("ROLE")
                  ->allow_extra_args(false)
                  ->required());
    options->where = addGrantOptions(*verb);
    verb->add_option("--days", options->days, "For how long: 1 to 400 days (default: 90)")
        ->type_name("N")
        ->check(CLI::Range(1, 400));
    verb->add_option("--out", options->file, "Write it into a new file, for its owner only")
        ->type_name("FILE");
    verb->footer(
        "It never may more than you may, and needs no second factor.\n\n"
        "Example:\n  coffer token make nightly --role operator --agent laptop-7 --out "
        "nightly.token\n"
        "  coffer login --user ann --password-file nightly.token");
    verb->callback([&context, options] {
        context.job = [&context, options] { return make(context, *options); };
    });
}

}  // namespace

void addTokens(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("token", "Tokens by which scripts log in");
    group->require_subcommand(1);
    group->footer("Example:\n  coffer token list");
    addPlain(*group, context,
             {"list",
              "List your tokens, or everybody's",
              {},
              "Example:\n  coffer token list",
              [](Context& given, const std::vector<std::string>&) { return list(given); }});
    addMake(*group, context);
    addPlain(*group, context,
             {"remove",
              "Take a token back; its sessions end",
              {{"ID", "As 'coffer token list' shows it"}},
              "Example:\n  coffer token remove 3f9a0c1d2e4b5a67",
              remove});
}

}  // namespace coffer::cli
