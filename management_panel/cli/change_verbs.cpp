// mv, rm and mkdir: what changes the files of one agent.

#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/json.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/agent_path.h"
#include "management_panel/cli/entry_view.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/client/agent_tree.h"

namespace coffer::cli {

namespace {

struct MoveOptions {
    std::string from;
    std::string to;
};

struct RemoveOptions {
    std::vector<std::string> what;
    bool recursive = false;
};

int move(Context& context, const MoveOptions& options) {
    const AgentPath from = agentPath(options.from);
    AgentPath to = agentPath(options.to);
    if (from.agent != to.agent) {
        throw Error(ErrorCode::unsupported,
                    "nothing moves from one agent to another: copy it with 'coffer cp', then "
                    "remove it with 'coffer rm'");
    }
    const client::AgentTree tree(context.connection().agents(), from.agent);
    const Coffer::Node_var node = tree.node(from.path);
    const auto there = tree.look(to.path);
    if (there && isFolder(there->in())) {
        to.path += (to.path == "/" ? "" : "/") + client::lastPartOf(from.path);
    }
    rpc::call("move", [&] { node->moveTo(rpc::toPath(to.path)); });
    if (context.options.json) {
        Json object = Json::object();
        putOctets(object, "from", from.text());
        putOctets(object, "to", to.text());
        printJson(std::cout, object);
    } else if (!context.options.quiet) {
        std::cout << printable(from.text()) << " is now " << printable(to.text()) << '\n';
    }
    return exitSuccess;
}

int remove(Context& context, const RemoveOptions& options) {
    Json gone = Json::array();
    for (const std::string& word : options.what) {
        const AgentPath what = agentPath(word);
        if (what.path == "/") {
            throw Error(ErrorCode::invalidArgument,
                        printable(word) + ": the root folder is not removed");
        }
        const client::AgentTree tree(context.connection().agents(), what.agent);
        const Coffer::Node_var node = tree.node(what.path);
        const std::string shown = printable(what.text());
        rpc::call(shown.c_str(), [&] { node->erase(options.recursive); });
        Json object = Json::object();
        putOctets(object, "path", what.text());
        gone.push_back(std::move(object));
        if (!context.options.json && !context.options.quiet) {
            std::cout << "removed  " << shown << '\n';
        }
    }
    if (context.options.json) printJson(std::cout, gone);
    return exitSuccess;
}

int makeFolder(Context& context, const AgentPath& what) {
    const client::AgentTree tree(context.connection().agents(), what.agent);
    tree.createFolder(what.path);
    if (context.options.json) {
        Json object = Json::object();
        putOctets(object, "path", what.text());
        printJson(std::cout, object);
    } else if (!context.options.quiet) {
        std::cout << "made  " << printable(what.text()) << '\n';
    }
    return exitSuccess;
}

void addMove(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("mv", "Move or rename a file or folder of an agent");
    const auto options = std::make_shared<MoveOptions>();
    const CLI::Validator check(checkAgentPath, "", "");
    verb->add_option("FROM", options->from, "AGENT:/path")->required()->check(check);
    verb->add_option("TO", options->to, "AGENT:/path; into it when it is a folder")
        ->required()
        ->check(check);
    verb->footer(
        "Nothing is ever replaced. Both are at the same agent.\n\n"
        "Examples:\n"
        "  coffer mv nas-1:/srv/a.txt nas-1:/srv/b.txt\n"
        "  coffer mv nas-1:/srv/a.txt nas-1:/srv/old");
    verb->callback([&context, options] {
        context.job = [&context, options] { return move(context, *options); };
    });
}

void addRemove(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("rm", "Remove files and folders of agents, for good");
    const auto options = std::make_shared<RemoveOptions>();
    verb->add_option("AGENT:/path", options->what, "What to remove")
        ->required()
        ->check(CLI::Validator(checkAgentPath, "", ""));
    verb->add_flag("-r,--recursive", options->recursive, "Folders with everything in them");
    verb->footer(
        "Without -r a folder has to be empty.\n\n"
        "Examples:\n"
        "  coffer rm nas-1:/srv/a.txt\n"
        "  coffer rm -r nas-1:/srv/old");
    verb->callback([&context, options] {
        context.job = [&context, options] { return remove(context, *options); };
    });
}

}  // namespace

void addChange(CLI::App& app, Context& context) {
    addMove(app, context);
    addRemove(app, context);
    auto* verb = app.add_subcommand("mkdir", "Make a folder at an agent");
    const auto what = std::make_shared<std::string>();
    verb->add_option("AGENT:/path", *what, "The new folder; the one above it has to exist")
        ->required()
        ->check(CLI::Validator(checkAgentPath, "", ""));
    verb->footer("Example:\n  coffer mkdir nas-1:/srv/new");
    verb->callback([&context, what] {
        context.job = [&context, what] { return makeFolder(context, agentPath(*what)); };
    });
}

}  // namespace coffer::cli
