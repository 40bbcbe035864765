#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/table.h"
#include "management_panel/cli/agent_path.h"
#include "management_panel/cli/entry_view.h"
#include "management_panel/cli/listing.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"
#include "management_panel/client/agent_tree.h"

namespace coffer::cli {

namespace {

int ls(Context& context, const AgentPath& what, bool details) {
    const client::AgentTree tree(context.connection().agents(), what.agent);
    Coffer::Entry_var entry = tree.stat(what.path);
    const Listing::Form form{context.options.json, details};
    if (isFolder(entry)) {
        Listing listing(std::cout, form, what.path, context.cancel);
        tree.list(what.path, [&](const Coffer::Entry& found) { listing.add(found); });
        listing.finish();
    } else {
        Listing listing(std::cout, form, client::parentOf(what.path), context.cancel);
        listing.add(entry);
        listing.finish();
    }
    return exitSuccess;
}

void printFacts(const Coffer::Entry& entry, const AgentPath& what) {
    FactTable facts;
    facts.add("path", printable(what.path));
    facts.add("agent", printable(what.agent));
    facts.add("type", shown(entry.kind.in()));
    facts.add("size", entry.size < 0
                          ? sizeColumn(entry)
                          : sizeText(static_cast<std::uint64_t>(entry.size)) + " (" +
                                countText(static_cast<std::uint64_t>(entry.size), "octet") + ")");
    facts.add("mode", octalText(entry.mode & 07777));
    facts.add("modified", momentText(entry.modified));
    for (CORBA::ULong i = 0; i < entry.more.length(); ++i) {
        facts.add(shown(entry.more[i].name.in()), shown(entry.more[i].value.in()));
    }
    facts.print(std::cout);
}

int stat(Context& context, const AgentPath& what) {
    const client::AgentTree tree(context.connection().agents(), what.agent);
    const Coffer::Entry_var entry = tree.stat(what.path);
    if (context.options.json) {
        Json object = Json::object();
        putOctets(object, "path", what.path);
        object.update(jsonOf(entry));
        printJson(std::cout, object);
    } else {
        printFacts(entry, what);
    }
    return exitSuccess;
}

}  // namespace

void addLs(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("ls", "List a folder of an agent");
    const auto what = std::make_shared<std::string>();
    const auto details = std::make_shared<bool>(false);
    verb->add_option("AGENT:/path", *what, "The folder, or one entry")
        ->required()
        ->check(CLI::Validator(checkAgentPath, "", ""));
    verb->add_flag("-l,--long", *details, "With mode, owner, group, size and time");
    verb->footer(
        "Names that a terminal could not show are printed with \\xHH for their octets. More than\n"
        "10,000 entries are not sorted.\n\n"
        "Examples:\n"
        "  coffer ls laptop-7:/home\n"
        "  coffer ls -l nas-1:/srv\n"
        "  coffer --json ls nas-1:/srv | jq -r '.[].path'");
    verb->callback([&context, what, details] {
        context.job = [&context, what, details] { return ls(context, agentPath(*what), *details); };
    });

    auto* single = app.add_subcommand("stat", "Show what is known of one file or folder");
    single->add_option("AGENT:/path", *what, "The file or folder")
        ->required()
        ->check(CLI::Validator(checkAgentPath, "", ""));
    single->footer("Example:\n  coffer stat laptop-7:/etc/fstab");
    single->callback([&context, what] {
        context.job = [&context, what] { return stat(context, agentPath(*what)); };
    });
}

}  // namespace coffer::cli
