#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "core/console/snapshot_path.h"
#include "core/pipeline/selection.h"
#include "core/snapshot/snapshot_catalog.h"
#include "core/snapshot/snapshot_diff.h"
#include "core/snapshot/snapshot_reader.h"
#include "management_server/solo/json_output.h"
#include "management_server/solo/place.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

char letterOf(Change change) {
    switch (change) {
        case Change::added:
            return '+';
        case Change::removed:
            return '-';
        case Change::content:
            return 'M';
        case Change::attributes:
            return 'A';
        case Change::type:
            return 'T';
    }
    return '?';
}

TreeNode folderAt(SnapshotReader& reader, const Snapshot& snapshot, const std::string& path) {
    TreeNode node = reader.nodeAt(snapshot, path);
    if (node.isFolder()) return node;
    throw Error(ErrorCode::invalidArgument, printable(path) + ": only folders are compared");
}

int diff(Context& context, const std::string& before, const std::string& after) {
    const auto place = Place::look(context.options);
    const SnapshotPath old = snapshotPath(before);
    const SnapshotPath now = snapshotPath(after);
    const Snapshot oldSnapshot = findSnapshot(place->repository(), old.snapshot);
    const Snapshot newSnapshot = findSnapshot(place->repository(), now.snapshot);
    if (oldSnapshot.domain != newSnapshot.domain) {
        throw Error(ErrorCode::unsupported, "snapshots of two dedup domains cannot be compared");
    }
    SnapshotReader reader(place->repository(), newSnapshot.domain);
    const TreeNode oldNode = folderAt(reader, oldSnapshot, old.path);
    const TreeNode newNode = folderAt(reader, newSnapshot, now.path);
    JsonArray array(std::cout);
    SnapshotDiff differences(reader.chunks(), oldNode, newNode);
    while (differences.next()) {
        context.cancel.check();
        const std::string path = joinPath(now.path, differences.path());
        const TreeNode& node = differences.node();
        if (context.options.json) {
            Json object{{"change", nameOf(differences.change())}};
            putOctets(object, "path", path);
            object.update(jsonOf(node));
            array.add(object);
        } else {
            std::cout << letterOf(differences.change()) << ' ' << printable(path)
                      << (node.isFolder() ? "/\n" : "\n");
        }
        checkOutput(std::cout);
    }
    if (context.options.json) array.finish();
    return exitSuccess;
}

}  // namespace

void addDiff(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("diff", "What changed from one snapshot to another");
    const auto names = std::make_shared<std::pair<std::string, std::string>>();
    verb->add_option("OLD[:PATH]", names->first, "The earlier snapshot")->required();
    verb->add_option("NEW[:PATH]", names->second, "The later one")->required();
    verb->footer(
        "A line for each entry: + added, - removed, M content changed, A only attributes changed,\n"
        "T became something of another type.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo diff 1f3a9c02:/home latest:/home");
    verb->callback([&context, names] {
        context.job = [&context, names] { return diff(context, names->first, names->second); };
    });
}

}  // namespace coffer::solo
