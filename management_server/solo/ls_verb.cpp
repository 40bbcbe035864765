#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "core/console/reporter.h"
#include "core/console/snapshot_path.h"
#include "core/pipeline/selection.h"
#include "core/snapshot/snapshot_catalog.h"
#include "core/snapshot/snapshot_reader.h"
#include "core/snapshot/tree_reader.h"
#include "core/snapshot/tree_walk.h"
#include "management_server/solo/entry_text.h"
#include "management_server/solo/json_output.h"
#include "management_server/solo/place.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

struct LsOptions {
    std::string what;
    bool details = false;
    bool recursive = false;
};

/// Prints entries as they come.
class Listing {
  public:
    Listing(const LsOptions& options, bool json, const CancelToken& cancel)
        : options_(options), json_(json), cancel_(cancel), array_(std::cout) {}

    /// `name` is what people see, `path` is absolute.
    void add(const std::string& name, const std::string& path, const TreeNode& node) {
        cancel_.check();
        if (json_) {
            Json object = Json::object();
            putOctets(object, "path", path);
            object.update(jsonOf(node));
            array_.add(object);
        } else {
            const std::string text = printable(name) + (node.isFolder() ? "/" : "");
            std::cout << (options_.details ? longText(node, text) : text) << '\n';
        }
        checkOutput(std::cout);
    }

    void finish() {
        if (json_) array_.finish();
    }

  private:
    const LsOptions& options_;
    const bool json_;
    const CancelToken& cancel_;
    JsonArray array_;
};

std::uint64_t listTree(ChunkSource& chunks, const TreeNode& folder, const std::string& path,
                       Listing& listing, Reporter& reporter) {
    TreeWalk walk(chunks, folder);
    std::uint64_t problems = 0;
    while (true) {
        try {
            if (!walk.next()) return problems;
        } catch (const Error& error) {
            reporter.warn({joinPath(path, walk.path()), error.code(), error.what()});
            ++problems;
            continue;
        }
        if (walk.leaving()) continue;
        listing.add(walk.path(), joinPath(path, walk.path()), walk.node());
    }
}

int ls(Context& context, const LsOptions& options) {
    Reporter reporter(context.options);
    const auto place = Place::look(context.options);
    const SnapshotPath what = snapshotPath(options.what);
    const Snapshot snapshot = findSnapshot(place->repository(), what.snapshot);
    SnapshotReader reader(place->repository(), snapshot.domain);
    const TreeNode node = reader.nodeAt(snapshot, what.path);
    Listing listing(options, context.options.json, context.cancel);
    std::uint64_t problems = 0;
    if (!node.isFolder()) {
        listing.add(node.name, what.path, node);
    } else if (options.recursive) {
        problems = listTree(reader.chunks(), node, what.path, listing, reporter);
    } else if (node.tree) {
        forEachNode(reader.chunks(), *node.tree, [&](TreeNode&& entry) {
            listing.add(entry.name, joinPath(what.path, entry.name), entry);
            return true;
        });
    }
    listing.finish();
    return problems > 0 ? exitWarnings : exitSuccess;
}

}  // namespace

void addLs(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("ls", "List a folder of a snapshot");
    const auto options = std::make_shared<LsOptions>();
    verb->add_option("SNAPSHOT[:PATH]", options->what,
                     "'latest', an id or its first digits; PATH as it was backed up")
        ->required();
    verb->add_flag("-l,--long", options->details, "With mode, owner, group, size and time");
    verb->add_flag("-R,--recursive", options->recursive, "With all that is in the folders below");
    verb->footer(
        "Names that a terminal could not show are printed with \\xHH for their octets.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo ls -l latest:/home/ann");
    verb->callback([&context, options] {
        context.job = [&context, options] { return ls(context, *options); };
    });
}

}  // namespace coffer::solo
