#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/json.h"
#include "core/console/table.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/duration.h"
#include "management_panel/cli/plain_verb.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

struct TokenOptions {
    std::string agent;
    std::string validity = "24h";
    std::string file;
};

Json jsonOf(const Coffer::AgentInfo& agent) {
    Json object = Json::object();
    putOctets(object, "name", agent.name.in());
    putOctets(object, "state", agent.state.in());
    object["lastSeen"] = momentJson(agent.lastSeen);
    object["enrolled"] = momentJson(agent.enrolled);
    object["facts"] = factsJson(agent.facts);
    return object;
}

void printTable(const Coffer::AgentInfos& agents) {
    Table table({{"agent"},
                 {"title"},
                 {"group"},
                 {"state"},
                 {"last seen"},
                 {"address"},
                 {"system"},
                 {"version"},
                 {"certificate ends"},
                 {"last proven"}});
    for (CORBA::ULong i = 0; i < agents.length(); ++i) {
        const Coffer::AgentInfo& agent = agents[i];
        const auto fact = [&](const char* name) { return shown(valueOf(agent.facts, name)); };
        table.add({shown(agent.name.in()), fact("title"), fact("group"), shown(agent.state.in()),
                   momentText(agent.lastSeen), fact("address"), fact("system"), fact("version"),
                   fact("certificate-ends"), fact("last-proven")});
    }
    table.print(std::cout);
}

int agents(Context& context) {
    const auto manager = context.connection().agents();
    Coffer::AgentInfos_var list =
        rpc::call("list the agents", [&] { return Coffer::AgentInfos_var(manager->list()); });
    if (context.options.json) {
        JsonArray array(std::cout);
        for (CORBA::ULong i = 0; i < list->length(); ++i) array.add(jsonOf(list[i]));
        array.finish();
    } else if (list->length() == 0) {
        std::cout << "No agents yet: 'coffer enrol-token NAME' lets one in.\n";
    } else {
        printTable(list);
    }
    return exitSuccess;
}

void printToken(Context& context, const TokenOptions& options, std::uint32_t seconds,
                const std::string& token) {
    Json object = Json::object();
    putOctets(object, "agent", options.agent);
    object["validSeconds"] = seconds;
    handOver(context, object, "token", token, options.file);
    if (context.options.json) return;
    Reporter(context.options)
        .note(
            "it lets one agent in as " + printable(options.agent) + ", once, within " +
            durationText(seconds) +
            "; on that machine: coffer-workstation-agent enrol --server HOST:PORT --token-file -");
}

int makeToken(Context& context, const TokenOptions& options) {
    const std::uint32_t seconds = secondsIn(options.validity);
    const auto manager = context.connection().agents();
    const CORBA::String_var token = rpc::call("make a token", [&] {
        return CORBA::String_var(manager->makeToken(options.agent.c_str(), seconds));
    });
    printToken(context, options, seconds, token.in());
    return exitSuccess;
}

int revoke(Context& context, const std::string& agent) {
    const auto manager = context.connection().agents();
    rpc::call("revoke the agent", [&] { manager->revoke(agent.c_str()); });
    Json object = Json::object();
    putOctets(object, "revoked", agent);
    return answer(context, object, printable(agent) + " is revoked.");
}

void addToken(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("enrol-token", "Make a token with which one agent enrols");
    const auto options = std::make_shared<TokenOptions>();
    verb->add_option("NAME", options->agent,
                     "What the agent will be called: letters, digits, . - _")
        ->required();
    verb->add_option("--valid", options->validity,
                     "For how long it can be used: 15m, 24h (default), 7d")
        ->type_name("TIME")
        ->check(CLI::Validator(checkDuration, "", ""));
    verb->add_option("--out", options->file, "Write it into a new file, for its owner only")
        ->type_name("FILE");
    verb->footer(
        "The token is a secret: who has it becomes that agent. It also holds the fingerprint of\n"
        "the network's authority, so the agent knows whom it talks to.\n\n"
        "Examples:\n"
        "  coffer enrol-token laptop-7 --out laptop-7.token\n"
        "  coffer -q enrol-token laptop-7 | ssh laptop-7 \\\n"
        "      coffer-workstation-agent enrol --server backup.example:2424 --token-file -");
    verb->callback([&context, options] {
        context.job = [&context, options] { return makeToken(context, *options); };
    });
}

}  // namespace

void addAgents(CLI::App& app, Context& context) {
    auto* list = app.add_subcommand("agents", "List the agents");
    list->footer(
        "'attached': reachable now; 'away': known, not reachable; 'revoked': shut "
        "out,\n'suspended': shut out for a while.\n\n"
        "Example:\n  coffer agents");
    list->callback([&] { context.job = [&] { return agents(context); }; });

    addToken(app, context);

    auto* revoking = app.add_subcommand("revoke", "Shut an agent out, for good");
    const auto name = std::make_shared<std::string>();
    revoking->add_option("AGENT", *name, "Its name")->required();
    revoking->footer(
        "Its certificates are refused from now on, its connection and its runs end. Snapshots\n"
        "stay. The same machine can enrol anew, with a new token.\n\n"
        "Example:\n  coffer revoke laptop-7");
    revoking->callback(
        [&context, name] { context.job = [&context, name] { return revoke(context, *name); }; });
}

}  // namespace coffer::cli
