#include <algorithm>
#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "management_panel/cli/agent_path.h"
#include "management_panel/cli/browsing.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/client/agent_tree.h"
#include "management_panel/client/read_ahead.h"

namespace coffer::cli {

namespace {

struct GetOptions {
    std::string what;
    bool fromAgent = false;
    std::shared_ptr<std::string> repository;
};

// "latest", or 4 to 32 hexadecimal digits: the names of snapshots.
bool namesSnapshot(std::string_view name) {
    const auto isDigit = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    return name == "latest" ||
           (name.size() >= 4 && name.size() <= 32 && std::ranges::all_of(name, isDigit));
}

int getFromAgent(Context& context, const AgentPath& what) {
    const client::AgentTree tree(context.connection().agents(), what.agent);
    const Coffer::File_var file = tree.file(what.path);
    const auto fetch = [&](std::uint64_t offset, std::uint32_t length) {
        return client::readPiece(file, offset, length);
    };
    const auto write = [](ByteView data) { writeOctets(std::cout, data); };
    during(printable(what.path), [&] { client::readAhead(fetch, write, context.cancel); });
    return exitSuccess;
}

int get(Context& context, const GetOptions& options) {
    const std::string_view name = std::string_view(options.what).substr(0, options.what.find(':'));
    if (!options.fromAgent && namesSnapshot(name)) {
        const auto snapshots = context.connection().snapshots();
        return Browsing(snapshots, *options.repository, context.options, context.cancel)
            .writeOut(options.what);
    }
    return getFromAgent(context, agentPath(options.what));
}

std::string checkGet(std::string& word) {
    const bool cut = word.find(':') != std::string::npos;
    if (cut && namesSnapshot(std::string_view(word).substr(0, word.find(':')))) return {};
    return checkAgentPath(word);
}

}  // namespace

void addGet(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("get", "Write a file to standard output");
    const auto options = std::make_shared<GetOptions>();
    verb->add_option("AGENT:/path or SNAPSHOT:/path", options->what,
                     "The file as it is now, or as it was backed up")
        ->required()
        ->check(CLI::Validator(checkGet, "", ""));
    verb->add_flag("--agent", options->fromAgent,
                   "What stands before the colon is an agent, whatever it looks like");
    options->repository = addRepositoryOption(*verb);
    verb->footer(
        "'latest' and 4 to 32 hexadecimal digits name a snapshot, anything else an agent. Unless\n"
        "the exit code is 0, what was written is not the whole file.\n\n"
        "Examples:\n"
        "  coffer get laptop-7:/etc/fstab\n"
        "  coffer get latest:/home/ann/letter.odt >letter.odt\n"
        "  coffer get --agent cafe:/etc/motd");
    verb->callback([&context, options] {
        context.job = [&context, options] { return get(context, *options); };
    });
}

}  // namespace coffer::cli
