#include <algorithm>
#include <iostream>

#include "core/base/error.h"
#include "core/console/exit_codes.h"
#include "core/source/exclude_rules.h"
#include "management_panel/cli/agent_path.h"
#include "management_panel/cli/browsing.h"
#include "management_panel/cli/catalog_answers.h"
#include "management_panel/cli/day_word.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

struct FindOptions {
    std::string pattern;
    std::vector<std::string> snapshots;  // none: all
    std::string below = "/";
    std::string agent;
    std::string kind;
    std::string after;
    std::string before;
    bool ignoreCase = false;
    bool known = false;  // only what the catalogue knows
    std::shared_ptr<std::string> repository;
};

struct VersionsOptions {
    std::string place;
    std::shared_ptr<std::string> repository;
};

bool asksTheCatalogue(const FindOptions& options) {
    return options.below != "/" || !options.agent.empty() || !options.kind.empty() ||
           !options.after.empty() || !options.before.empty() || options.ignoreCase || options.known;
}

CatalogQuestion questionOf(const FindOptions& options, bool list) {
    CatalogQuestion question{*options.repository, options.pattern, options.below, {}};
    rpc::SettingMap& map = question.options;
    if (list) map["list"] = "yes";
    if (options.ignoreCase) map["ignore-case"] = "yes";
    if (!options.agent.empty()) map["agent"] = options.agent;
    if (!options.kind.empty()) map["kind"] = options.kind;
    const auto day = [](const std::string& text) {
        return std::to_string(std::max<std::int64_t>(0, beginningOf(text).seconds));
    };
    if (!options.after.empty()) map["after"] = day(options.after);
    if (!options.before.empty()) map["before"] = day(options.before);
    return question;
}

bool isChosen(const FindOptions& options, const Coffer::Finding& finding) {
    const std::string path = rpc::textOf(finding.where);
    return (options.kind.empty() || options.kind == finding.attributes.kind.in()) &&
           (options.below == "/" || path.starts_with(options.below + "/"));
}

int find(Context& context, FindOptions options) {
    const auto snapshots = context.connection().snapshots();
    const Browsing browsing(snapshots, *options.repository, context.options, context.cancel);
    if (!options.snapshots.empty()) {
        if (asksTheCatalogue(options)) {
            throw Error(ErrorCode::invalidArgument,
                        "--snapshot looks into snapshots, without any other choice");
        }
        return browsing.find(options.pattern, options.snapshots);
    }
    while (options.below.size() > 1 && options.below.ends_with('/')) options.below.pop_back();
    FoundEntries entries(std::cout, context.options.json);
    const Coffer::CatalogState state =
        printAnswers(context.connection().catalog(), questionOf(options, context.options.json),
                     entries, context.cancel);
    // A look into snapshots tells A from a.
    const bool walk = !options.known && !options.ignoreCase && state.unread.length() > 0;
    int code = exitSuccess;
    if (walk) {
        code = browsing.findMore(options.pattern, state.unread, entries,
                                 [&](const auto& finding) { return isChosen(options, finding); });
    }
    entries.finish();
    const CORBA::ULong unread = state.unreadCount - (walk ? state.unread.length() : 0);
    return std::max(code, warnOfUnread(state, unread, context.options));
}

int versions(Context& context, const VersionsOptions& options) {
    const AgentPath place = agentPath(options.place);
    CatalogQuestion question{*options.repository, patternOfPath(place.path), "/", {}};
    question.options["agent"] = place.agent;
    if (context.options.json) question.options["list"] = "yes";
    FoundEntries entries(std::cout, context.options.json);
    const Coffer::CatalogState state =
        printAnswers(context.connection().catalog(), question, entries, context.cancel);
    entries.finish();
    return warnOfUnread(state, state.unreadCount, context.options);
}

void addVersions(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("versions", "Show all states of one file");
    const auto options = std::make_shared<VersionsOptions>();
    verb->add_option("AGENT:/PATH", options->place, "The file, or the folder itself")
        ->required()
        ->check(CLI::Validator(checkAgentPath, "", ""));
    options->repository = addRepositoryOption(*verb);
    verb->footer(
        "Each with its size and time, and the first and the last snapshot that holds it.\n\n"
        "Example:\n  coffer versions laptop:/home/ann/letter.odt");
    verb->callback([&context, options] {
        context.job = [&context, options] { return versions(context, *options); };
    });
}

}  // namespace

void addFind(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("find", "Find files by name in all snapshots");
    const auto options = std::make_shared<FindOptions>();
    verb->add_option("NAME", options->pattern, "A name; * ? and […] stand for others")->required();
    verb->add_option("--snapshot", options->snapshots, "Only in this snapshot; may be repeated")
        ->type_name("SNAPSHOT")
        ->allow_extra_args(false);
    verb->add_option("--below", options->below, "Only in this folder, at whatever depth")
        ->type_name("/PATH");
    verb->add_option("--agent", options->agent, "Only of this agent")->type_name("AGENT");
    verb->add_option("--kind", options->kind, "Only entries of this kind: file, folder, symlink…")
        ->type_name("KIND");
    verb->add_option("--after", options->after, "Only in snapshots from this day on: 2026-01-31")
        ->type_name("DAY");
    verb->add_option("--before", options->before, "Only in snapshots before this day")
        ->type_name("DAY");
    verb->add_flag("-i,--ignore-case", options->ignoreCase, "A to Z are as a to z");
    verb->add_flag("--no-walk", options->known,
                   "Only what the catalogue knows: no look into snapshots that it has not read");
    options->repository = addRepositoryOption(*verb);
    verb->footer(
        "Shows each state a file was in, and the snapshots that hold it.\n\n"
        "Examples:\n"
        "  coffer find letter.odt\n"
        "  coffer find '*.odt' --below /home/ann --after 2026-01-01");
    verb->callback([&context, options] {
        context.job = [&context, options] { return find(context, *options); };
    });
    addVersions(app, context);
}

}  // namespace coffer::cli
