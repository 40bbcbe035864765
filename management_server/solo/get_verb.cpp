#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "core/console/reporter.h"
#include "core/console/snapshot_path.h"
#include "core/repository/chunk_reader.h"
#include "core/snapshot/content_list.h"
#include "core/snapshot/snapshot_catalog.h"
#include "core/snapshot/snapshot_reader.h"
#include "management_server/solo/collocated_store.h"
#include "management_server/solo/place.h"
#include "management_server/solo/verbs.h"

namespace coffer::solo {

namespace {

void writeOut(ByteView data) {
    std::cout.write(reinterpret_cast<const char*>(data.data()),
                    static_cast<std::streamsize>(data.size()));
    checkOutput(std::cout);
}

void writeContent(const TreeNode& node, ChunkSource& chunks, const CancelToken& cancel) {
    constexpr std::size_t piece = 4 << 20;
    for (std::uint64_t offset = 0; offset < node.attributes.size; offset += piece) {
        cancel.check();
        writeOut(readContent(node.content, node.attributes.size, chunks, offset, piece));
    }
}

int get(Context& context, const std::string& name) {
    Reporter reporter(context.options);
    const auto place = Place::look(context.options);
    const SnapshotPath what = snapshotPath(name);
    const Snapshot snapshot = findSnapshot(place->repository(), what.snapshot);
    const TreeNode node =
        SnapshotReader(place->repository(), snapshot.domain).nodeAt(snapshot, what.path);
    const std::string path = printable(what.path);
    if (node.attributes.type != EntryType::file) {
        throw Error(ErrorCode::invalidArgument, path + ": is no regular file");
    }
    if ((node.condition & unreadable) != 0) {
        throw Error(ErrorCode::notFound, path + ": could not be read when it was backed up");
    }
    CollocatedStore collocated(place->repository(), context.cancel);
    const auto store = collocated.beginRestore(snapshot.id, what.path);
    ChunkReader chunks(*store, store->domainKey());
    during(path, [&] { writeContent(node, chunks, context.cancel); });
    if ((node.condition & changedWhileRead) == 0) return exitSuccess;
    reporter.warn({what.path, ErrorCode::conflict, "changed while it was backed up"});
    return exitWarnings;
}

}  // namespace

void addGet(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("get", "Write a file of a snapshot to standard output");
    const auto name = std::make_shared<std::string>();
    verb->add_option("SNAPSHOT:PATH", *name, "The file, as it was backed up")->required();
    verb->footer(
        "Only the content is written; 'restore' brings attributes back too. Unless the exit code\n"
        "is 0, what was written is not the whole file.\n\n"
        "Example:\n  coffer-solo --repo /backup/repo get latest:/etc/fstab | less");
    verb->callback(
        [&context, name] { context.job = [&context, name] { return get(context, *name); }; });
}

}  // namespace coffer::solo
