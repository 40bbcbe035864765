#include <iostream>

#include "core/base/guarded.h"
#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/json.h"
#include "core/console/progress_line.h"
#include "core/console/table.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/agent_path.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/client/agent_end.h"
#include "management_panel/client/copy.h"
#include "management_panel/client/local_end.h"

namespace coffer::cli {

namespace {

struct CopyOptions {
    std::string from;
    std::string to;
    bool recursive = false;
};

std::string textOf(const Place& place) {
    return printable(place.agent ? *place.agent + ":" + place.path : place.path);
}

std::unique_ptr<client::CopyEnd> endOf(Context& context, const Place& place) {
    if (!place.agent) return std::make_unique<client::LocalEnd>();
    return std::make_unique<client::AgentEnd>(
        client::AgentTree(context.connection().agents(), *place.agent));
}

std::string nameIn(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path.substr(path.rfind('/') + 1);
}

// Into a folder that is there, under the name it has.
void settleTarget(client::CopyEnd& end, const Place& from, Place& to) {
    const auto there = end.look(to.path);
    if (!there || there->kind != client::CopyItem::Kind::folder) return;
    const std::string name = nameIn(from.path);
    if (name.empty() || name == "." || name == "..") {
        throw Error(ErrorCode::invalidArgument,
                    textOf(to) + ": is there already; say how the copy is to be called");
    }
    to.path += (to.path.ends_with('/') ? "" : "/") + name;
}

void copyAtAgent(const client::AgentTree& tree, const Place& from, const Place& to) {
    const Coffer::Node_var node = tree.node(from.path);
    rpc::call("copy", [&] { node->copyTo(rpc::toPath(to.path)); });
}

client::CopyResult copyWatched(Context& context, client::CopyEnd& source, const Place& from,
                               client::CopyEnd& target, const Place& to, bool recursive) {
    Reporter reporter(context.options);
    Guarded<ProgressSample> sample;
    const ProgressLine line(
        "cp", [&] { return sample.with([](const ProgressSample& s) { return s; }); }, reporter,
        context.options);
    const client::CopyCalls calls{[&](const std::string& path, const Error& error) {
                                      reporter.warn({path, error.code(), error.what()});
                                  },
                                  [&](const client::CopyResult& sofar) {
                                      sample.with([&](ProgressSample& s) {
                                          s.files = sofar.files;
                                          s.bytes = sofar.bytes;
                                      });
                                  }};
    return client::copyThrough(source, from.path, target, to.path, recursive, calls,
                               context.cancel);
}

void printResult(const Context& context, const Place& from, const Place& to,
                 const std::optional<client::CopyResult>& result) {
    if (context.options.json) {
        Json object = Json::object();
        putOctets(object, "from", from.agent ? *from.agent + ":" + from.path : from.path);
        putOctets(object, "to", to.agent ? *to.agent + ":" + to.path : to.path);
        if (result) {
            object["files"] = result->files;
            object["folders"] = result->folders;
            object["bytes"] = result->bytes;
            object["problems"] = result->problems;
        }
        printJson(std::cout, object);
    } else if (!context.options.quiet) {
        std::cout << "copied  " << textOf(from) << " to " << textOf(to);
        if (result) {
            std::cout << "  (" << countText(result->files, "file") << ", "
                      << sizeText(result->bytes) << ")";
        }
        std::cout << '\n';
    }
}

int copy(Context& context, const CopyOptions& options) {
    const Place from = placeOf(options.from);
    Place to = placeOf(options.to);
    if (!from.agent && !to.agent) {
        throw Error(ErrorCode::invalidArgument, "both are on this machine: cp(1) copies them");
    }
    const auto target = endOf(context, to);
    settleTarget(*target, from, to);
    if (from.agent == to.agent) {
        copyAtAgent(static_cast<client::AgentEnd&>(*target).tree(), from, to);
        printResult(context, from, to, {});
        return exitSuccess;
    }
    const auto source = endOf(context, from);
    const client::CopyResult result =
        copyWatched(context, *source, from, *target, to, options.recursive);
    printResult(context, from, to, result);
    return result.problems > 0 ? exitWarnings : exitSuccess;
}

}  // namespace

void addCopy(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("cp", "Copy files between agents and this machine");
    const auto options = std::make_shared<CopyOptions>();
    const CLI::Validator check(checkPlace, "", "");
    verb->add_option("FROM", options->from, "AGENT:/path, or a path on this machine")
        ->required()
        ->check(check);
    verb->add_option("TO", options->to, "The same; into it when it is a folder")
        ->required()
        ->check(check);
    verb->add_flag("-r,--recursive", options->recursive,
                   "Folders with everything in them (always within one agent)");
    verb->footer(
        "Nothing is ever replaced. Within one agent the agent copies, with attributes; otherwise\n"
        "contents alone go through this program, and what is neither file nor folder is left out\n"
        "with a warning (exit code 3). A local name with a colon is written as ./a:b.\n\n"
        "Examples:\n"
        "  coffer cp laptop-7:/home/ann/a.txt laptop-7:/home/ann/b.txt\n"
        "  coffer cp report.pdf nas-1:/srv/reports\n"
        "  coffer cp -r nas-1:/srv/reports .\n"
        "  coffer cp nas-1:/srv/a.iso laptop-7:/tmp");
    verb->callback([&context, options] {
        context.job = [&context, options] { return copy(context, *options); };
    });
}

}  // namespace coffer::cli
