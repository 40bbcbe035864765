#include <algorithm>
#include <fstream>
#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/output.h"
#include "core/console/table.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/plain_verb.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

using Words = std::vector<std::string>;

constexpr std::size_t slice = 1 << 20;

struct StartOptions {
    std::string version;
    Words agents;
    bool all = false;
    unsigned atOnce = 1;
};

int import(Context& context, const Words& words) {
    const std::string& path = words[0];
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Error(ErrorCode::notFound, printable(path) + " cannot be opened");
    const auto manager = context.connection().updates();
    Bytes block(slice);
    std::uint64_t offset = 0;
    for (bool last = false; !last;) {
        file.read(reinterpret_cast<char*>(block.data()), static_cast<std::streamsize>(slice));
        const auto count = static_cast<std::size_t>(file.gcount());
        if (file.bad()) throw Error(ErrorCode::ioError, printable(path) + " cannot be read");
        last = count < slice;
        const Coffer::Octets data = rpc::toOctets(ByteView(block).first(count));
        rpc::call("bring the package",
                  [&] { manager->upload(static_cast<Coffer::ByteCount>(offset), data, last); });
        offset += count;
    }
    Json object{{"octets", offset}};
    putOctets(object, "package", path);
    return answer(context, object, "The server has the package: 'coffer update list' shows it.");
}

int remove(Context& context, const Words& words) {
    const auto manager = context.connection().updates();
    rpc::call("remove the package", [&] { manager->remove(words[0].c_str()); });
    Json object = Json::object();
    putOctets(object, "removed", words[0]);
    return answer(context, object, "The server has no package of " + printable(words[0]) + " now.");
}

int stop(Context& context, const Words&) {
    const auto manager = context.connection().updates();
    rpc::call("stop the update", [&] { manager->stop(); });
    return answer(context, {{"stopped", true}}, "No further agents are told to update.");
}

int start(Context& context, const StartOptions& options) {
    if (options.all != options.agents.empty()) {
        throw Error(ErrorCode::invalidArgument, "say which agents: --agent A, or --all");
    }
    const auto manager = context.connection().updates();
    rpc::call("start the update", [&] {
        manager->start(options.version.c_str(), rpc::toStrings(options.agents), options.atOnce);
    });
    Json object = Json::object();
    putOctets(object, "version", options.version);
    return answer(context, object,
                  "Agents are told of " + printable(options.version) +
                      ": 'coffer update status' shows how far they are.");
}

Json jsonOf(const Coffer::UpdatePackage& package) {
    Json object{{"size", package.size}, {"made", momentJson(package.made)}};
    putOctets(object, "version", package.version.in());
    putOctets(object, "platform", package.platform.in());
    putOctets(object, "signer", package.signer.in());
    return object;
}

Json jsonOf(const Coffer::AgentUpdate& update) {
    Json object{{"changed", momentJson(update.changed)}};
    putOctets(object, "agent", update.agent.in());
    putOctets(object, "version", update.version.in());
    putOctets(object, "state", update.state.in());
    putOctets(object, "message", update.message.in());
    putOctets(object, "user", update.user.in());
    return object;
}

template <class Sequence>
int printJson(const Sequence& sequence) {
    JsonArray array(std::cout);
    for (CORBA::ULong at = 0; at < sequence.length(); ++at) array.add(jsonOf(sequence[at]));
    array.finish();
    return exitSuccess;
}

int list(Context& context, const Words&) {
    const auto manager = context.connection().updates();
    Coffer::UpdatePackages_var packages =
        rpc::call("list the packages", [&] { return Coffer::UpdatePackages_var(manager->list()); });
    if (context.options.json) return printJson(packages.in());
    Table table(
        {{"version"}, {"platform"}, {"size", Table::Align::right}, {"made"}, {"signed by"}});
    for (CORBA::ULong at = 0; at < packages->length(); ++at) {
        const Coffer::UpdatePackage& package = packages[at];
        table.add(
            {shown(package.version.in()), shown(package.platform.in()),
             sizeText(static_cast<std::uint64_t>(std::max<Coffer::ByteCount>(package.size, 0))),
             momentText(package.made), shown(package.signer.in()).substr(0, 16)});
    }
    table.print(std::cout);
    return exitSuccess;
}

int status(Context& context, const Words&) {
    const auto manager = context.connection().updates();
    Coffer::AgentUpdates_var updates = rpc::call(
        "look at the updates", [&] { return Coffer::AgentUpdates_var(manager->status()); });
    if (context.options.json) return printJson(updates.in());
    Table table({{"agent"}, {"version"}, {"state"}, {"since"}, {"what"}});
    for (CORBA::ULong at = 0; at < updates->length(); ++at) {
        const Coffer::AgentUpdate& update = updates[at];
        table.add({shown(update.agent.in()), shown(update.version.in()), shown(update.state.in()),
                   momentText(update.changed), shown(update.message.in())});
    }
    table.print(std::cout);
    return exitSuccess;
}

void addStart(CLI::App& group, Context& context) {
    auto* verb = group.add_subcommand("start", "Let agents update themselves");
    const auto options = std::make_shared<StartOptions>();
    verb->add_option("VERSION", options->version, "Of a package that was imported")->required();
    verb->add_option("--agent", options->agents, "An agent; any number of times")->type_name("A");
    verb->add_flag("--all", options->all, "All agents that can");
    verb->add_option("--at-once", options->atOnce,
                     "So many at a time; the first ones have to be attached\n"
                     "with the new version before others are told (default: 1)")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000));
    verb->footer(
        "When one goes back to its old version, no further ones are told. An agent takes what a\n"
        "release key of its own agent.ini has signed, and nothing when that forbids updates.\n\n"
        "Example:\n  coffer update start 1.4.0 --all --at-once 5");
    verb->callback([&context, options] {
        context.job = [&context, options] { return start(context, *options); };
    });
}

}  // namespace

void addUpdates(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("update", "Bring agents to a newer version");
    group->require_subcommand(1);
    group->footer(
        "Example:\n  coffer update import coffer-1.4.0.package\n"
        "  coffer update start 1.4.0 --agent laptop-7\n  coffer update status");
    addPlain(*group, context,
             {"import",
              "Bring the server a signed package",
              {{"PACKAGE", "A file that coffer-update-package has made"}},
              "Example:\n  coffer update import coffer-1.4.0.package",
              import});
    addPlain(*group, context,
             {"list", "Show the server's packages", {}, "Example:\n  coffer update list", list});
    addPlain(*group, context,
             {"remove",
              "Remove the packages of a version",
              {{"VERSION", "Of the packages"}},
              "Example:\n  coffer update remove 1.4.0",
              remove});
    addStart(*group, context);
    addPlain(*group, context,
             {"stop",
              "Tell no further agents",
              {},
              "Those that were told may still take it; their state is 'stopped', "
              "too.\n\nExample:\n  coffer update stop",
              stop});
    addPlain(
        *group, context,
        {"status", "Show how far each agent is", {}, "Example:\n  coffer update status", status});
}

}  // namespace coffer::cli
