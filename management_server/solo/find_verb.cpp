#include <iostream>
#include <map>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/output.h"
#include "core/console/reporter.h"
#include "core/console/snapshot_path.h"
#include "core/snapshot/snapshot_catalog.h"
#include "core/snapshot/snapshot_reader.h"
#include "core/snapshot/snapshot_search.h"
#include "core/source/exclude_rules.h"
#include "management_server/solo/json_output.h"
#include "management_server/solo/place.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

struct FindOptions {
    std::string pattern;
    std::vector<std::string> snapshots;  // none: all
};

// "in fb7d93e1, 47064ec0", "in fb7d93e1 … 47064ec0 (12 snapshots)"
std::string holdersText(const std::vector<std::size_t>& numbers,
                        const std::vector<Snapshot>& snapshots) {
    constexpr std::size_t namedOneByOne = 4;
    const auto name = [&](std::size_t number) { return shortName(snapshots[number].id); };
    if (numbers.size() > namedOneByOne) {
        return "in " + name(numbers.front()) + " … " + name(numbers.back()) + " (" +
               std::to_string(numbers.size()) + " snapshots)";
    }
    std::string text;
    for (const std::size_t number : numbers) text += (text.empty() ? "in " : ", ") + name(number);
    return text;
}

void printText(const FoundEntry& entry, const std::vector<Snapshot>& snapshots) {
    const bool folder = entry.versions.front().node.isFolder();
    std::cout << printable(entry.path) << (folder ? "/" : "") << '\n';
    for (const FoundVersion& version : entry.versions) {
        const Attributes& attributes = version.node.attributes;
        const std::string what = attributes.type == EntryType::file
                                     ? sizeText(attributes.size)
                                     : std::string(nameOf(attributes.type));
        std::cout << "    " << what << std::string(what.size() < 10 ? 10 - what.size() : 0, ' ')
                  << "  " << timeText(attributes.mtime) << "  "
                  << holdersText(version.snapshots, snapshots) << '\n';
    }
}

Json jsonOf(const FoundEntry& entry, const std::vector<Snapshot>& snapshots) {
    Json versions = Json::array();
    for (const FoundVersion& version : entry.versions) {
        Json object = solo::jsonOf(version.node);
        for (const std::size_t number : version.snapshots) {
            object["snapshots"].push_back(snapshots[number].id.hex());
        }
        versions.push_back(std::move(object));
    }
    Json object = Json::object();
    putOctets(object, "path", entry.path);
    object["versions"] = std::move(versions);
    return object;
}

// By dedup domain: the trees of one are read with one key.
std::map<DomainId, std::vector<Snapshot>> selected(Repository& repository,
                                                   const FindOptions& options,
                                                   std::vector<std::string>& unreadable) {
    std::vector<Snapshot> snapshots;
    if (options.snapshots.empty()) snapshots = loadSnapshots(repository, &unreadable);
    for (const std::string& name : options.snapshots) {
        snapshots.push_back(findSnapshot(repository, name));
    }
    std::map<DomainId, std::vector<Snapshot>> groups;
    for (Snapshot& snapshot : snapshots) groups[snapshot.domain].push_back(std::move(snapshot));
    return groups;
}

int find(Context& context, const FindOptions& options) {
    Reporter reporter(context.options);
    ExcludeRules rules;
    rules.add(options.pattern);
    const auto place = Place::look(context.options);
    std::vector<std::string> unreadable;
    const auto groups = selected(place->repository(), options, unreadable);
    for (const std::string& problem : unreadable) reporter.warn(problem);
    std::uint64_t problems = unreadable.size();
    JsonArray array(std::cout);
    for (const auto& [domain, snapshots] : groups) {
        SnapshotReader reader(place->repository(), domain);
        std::vector<TreeNode> roots;
        for (const Snapshot& snapshot : snapshots) roots.push_back(snapshot.root);
        const auto found = [&, &group = snapshots](const FoundEntry& entry) {
            context.options.json ? array.add(jsonOf(entry, group)) : printText(entry, group);
            checkOutput(std::cout);
        };
        const auto damaged = [&](const std::string& path, const Error& error) {
            reporter.warn({path, error.code(), error.what()});
            ++problems;
        };
        const auto matches = [&](const std::string& path, bool isFolder) {
            return rules.excludes(path, isFolder);
        };
        SnapshotSearch search(reader.chunks(), roots, {matches, found, damaged});
        while (search.step()) context.cancel.check();
    }
    if (context.options.json) array.finish();
    return problems > 0 ? exitWarnings : exitSuccess;
}

}  // namespace

void addFind(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("find", "Find files by name in all snapshots");
    const auto options = std::make_shared<FindOptions>();
    verb->add_option("PATTERN", options->pattern, "As for --exclude: '*.odt', '/home/*/notes.txt'")
        ->required();
    verb->add_option("--snapshot", options->snapshots, "Only in this snapshot; may be repeated")
        ->type_name("SNAPSHOT")
        ->allow_extra_args(false);
    verb->footer(
        "Shows each state a file was in, and the snapshots that hold it.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo find '*.odt'");
    verb->callback([&context, options] {
        context.job = [&context, options] { return find(context, *options); };
    });
}

}  // namespace coffer::solo
