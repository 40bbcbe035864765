#include "management_panel/cli/retention_verbs.h"

#include <array>

#include "core/base/error.h"

namespace coffer::cli {

namespace {

struct Options {
    std::vector<std::string> names;
    std::shared_ptr<std::string> repository;
    Rules rules;
    bool preview = false;
    bool now = false;
    std::vector<std::string> add;
    std::vector<std::string> remove;
    std::string until;
};
using OptionsPtr = std::shared_ptr<Options>;

int forget(const Forgetting& verb, const Options& options) {
    if (options.names.empty() == options.rules.empty()) {
        throw Error(ErrorCode::invalidArgument, "name snapshots, or rules for what to keep");
    }
    if (options.preview && options.rules.empty()) {
        throw Error(ErrorCode::invalidArgument, "a preview is one of rules");
    }
    if (options.preview) return verb.preview(options.rules);
    if (!options.rules.empty()) return verb.apply(options.rules, options.now);
    return verb.forget(options.names, options.now);
}

OptionsPtr addNames(CLI::App& verb, const RetentionVerbs& verbs, bool required) {
    const auto options = std::make_shared<Options>();
    verb.add_option("SNAPSHOT", options->names,
                    "'latest', ids, or the first digits of them (4 at least)")
        ->required(required);
    options->repository = verbs.addRepository(verb);
    return options;
}

void addRules(CLI::App& verb, const OptionsPtr& options) {
    struct Rule {
        const char* name;
        const char* help;
    };
    constexpr std::array<Rule, 9> rules{
        {{"last", "Keep the newest N"},
         {"hourly", "Keep the newest of each hour, for N hours that have one"},
         {"daily", "The same for days"},
         {"weekly", "The same for weeks"},
         {"monthly", "The same for months"},
         {"yearly", "The same for years"},
         {"verified", "Never forget the newest N that were verified (1)"},
         {"within",
          "Keep all that are less than so much older than the newest:\n36h, 30d, 2w, 1y6m"},
         {"tag", "Keep all with this tag; may be given several times"}}};
    for (const Rule& rule : rules) {
        const std::string name = std::string("keep-") + rule.name;
        verb.add_option_function<std::vector<std::string>>(
                "--" + name,
                [options, name](const std::vector<std::string>& values) {
                    for (const std::string& value : values) {
                        options->rules.emplace_back(name, value);
                    }
                },
                rule.help)
            ->allow_extra_args(false);
    }
}

void addForget(CLI::App& app, const RetentionVerbs& verbs) {
    auto* verb = app.add_subcommand("forget", "Forget snapshots, by name or by rules");
    const OptionsPtr options = addNames(*verb, verbs, false);
    addRules(*verb, options);
    verb->add_flag("--preview", options->preview, "Tell what the rules would do, and do nothing");
    verb->add_flag("--now", options->now, "For good at once, without the grace period");
    verb->footer(
        "A forgotten snapshot can be brought back by 'unforget' until the server's grace period "
        "is\n"
        "over. Then it is gone, and the data it shares with no other one goes with the next "
        "prune.\n\n"
        "Examples:\n  " +
        verbs.start + " forget 1f3a9c02 77b0e1d4\n  " + verbs.start +
        " forget --keep-daily 7 --keep-weekly 5 --keep-monthly 12 --preview");
    verb->callback([verbs, options] {
        verbs.run(*options->repository, !options->preview,
                  [options](const Forgetting& snapshots) { return forget(snapshots, *options); });
    });
}

void addUnforget(CLI::App& app, const RetentionVerbs& verbs) {
    auto* verb = app.add_subcommand("unforget", "Bring forgotten snapshots back");
    const OptionsPtr options = addNames(*verb, verbs, true);
    verb->footer(
        "'marks --forgotten' lists those that can be brought back.\n\n"
        "Example:\n  " +
        verbs.start + " unforget 1f3a9c02");
    verb->callback([verbs, options] {
        verbs.run(*options->repository, true, [options](const Forgetting& snapshots) {
            return snapshots.bringBack(options->names);
        });
    });
}

void addTag(CLI::App& app, const RetentionVerbs& verbs) {
    auto* verb = app.add_subcommand("tag", "Tag snapshots");
    const OptionsPtr options = addNames(*verb, verbs, true);
    verb->add_option("--add", options->add, "A tag; may be given several times")
        ->allow_extra_args(false);
    verb->add_option("--remove", options->remove, "Likewise")->allow_extra_args(false);
    verb->footer("Example:\n  " + verbs.start + " tag latest --add release-2.1");
    verb->callback([verbs, options] {
        verbs.run(*options->repository, true, [options](const Forgetting& snapshots) {
            return snapshots.tag(options->names, options->add, options->remove);
        });
    });
}

void addLock(CLI::App& app, const RetentionVerbs& verbs) {
    auto* verb = app.add_subcommand("lock", "Lock snapshots until a date");
    const OptionsPtr options = addNames(*verb, verbs, true);
    verb->add_option("--until", options->until, "A day, 2027-01-31: the lock ends as it begins")
        ->required();
    verb->footer(
        "Until then nobody can forget them. A lock can be made longer, never shorter, and reaches "
        "10\n"
        "years ahead at most.\n\n"
        "Example:\n  " +
        verbs.start + " lock 1f3a9c02 --until 2027-01-31");
    verb->callback([verbs, options] {
        verbs.run(*options->repository, true, [options](const Forgetting& snapshots) {
            return snapshots.lock(options->names, options->until);
        });
    });
}

void addMarks(CLI::App& app, const RetentionVerbs& verbs) {
    auto* verb = app.add_subcommand("marks", "List tags, locks and what is forgotten");
    const auto repository = verbs.addRepository(*verb);
    const auto forgotten = std::make_shared<bool>(false);
    verb->add_flag("--forgotten", *forgotten, "Only what can be brought back");
    verb->footer("Example:\n  " + verbs.start + " marks --forgotten");
    verb->callback([verbs, repository, forgotten] {
        verbs.run(*repository, false, [forgotten](const Forgetting& snapshots) {
            return snapshots.listMarks(*forgotten);
        });
    });
}

}  // namespace

void addRetention(CLI::App& app, const RetentionVerbs& verbs) {
    addForget(app, verbs);
    addUnforget(app, verbs);
    addTag(app, verbs);
    addLock(app, verbs);
    addMarks(app, verbs);
}

}  // namespace coffer::cli
