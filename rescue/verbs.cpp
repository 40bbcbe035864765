#include "rescue/verbs.h"

#include "core/base/printable.h"
#include "core/source/file_system_target.h"
#include "rescue/checker.h"
#include "rescue/listing.h"
#include "rescue/restorer.h"
#include "rescue/tree_reader.h"

namespace coffer::rescue {

namespace {

// Runs `use` with the chunks of the selected snapshot and the selected node of it.
template <class Use>
void withSelected(const OpenedRepository& repository, const Selection& selection,
                  ProblemReport& report, Use&& use) {
    const auto& registered = chooseSnapshot(repository.manifest(), selection.snapshot);
    const Snapshot snapshot = repository.snapshot(registered.record);
    ChunkStore store = repository.chunks(report);
    DomainChunks chunks(store, snapshot.domain);
    use(chunks, nodeAt(chunks, snapshot.root, selection.path));
}

}  // namespace

Selection Selection::parse(const std::string& text) {
    const auto colon = text.find(':');
    if (colon == std::string::npos) return {text, ""};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

void listSnapshots(const OpenedRepository& repository, std::ostream& out, ProblemReport& report) {
    for (const RegisteredSnapshot& registered : repository.manifest().snapshots) {
        if (registered.record.hidden) continue;
        report.attempt("snapshot " + registered.record.snapshot.hex(), [&] {
            out << snapshotLine(repository.snapshot(registered.record), registered) << '\n';
        });
    }
}

void listFolder(const OpenedRepository& repository, const Selection& selection, std::ostream& out,
                ProblemReport& report) {
    withSelected(repository, selection, report, [&](ChunkSource& chunks, const Node& node) {
        if (!node.isFolder()) {
            out << entryLine(node) << '\n';
            return;
        }
        if (node.unreadable) report.add("could not be read in full when it was backed up");
        if (!node.tree) return;
        FolderReader entries(chunks, *node.tree,
                             [&](const std::string& line) { report.add(line); });
        while (const auto entry = entries.next()) out << entryLine(*entry) << '\n';
    });
}

void restore(const OpenedRepository& repository, const Selection& selection, const std::string& to,
             ProblemReport& report) {
    withSelected(repository, selection, report, [&](ChunkSource& chunks, const Node& node) {
        FileSystemTarget target(to);
        Restorer(chunks, target, report).restore(node);
    });
}

void check(const OpenedRepository& repository, std::ostream& out, ProblemReport& report) {
    const CheckSummary summary = checkRepository(repository, report);
    out << summary.packs << " packs, " << summary.chunks << " chunks, " << summary.snapshots
        << " snapshots, up to manifest record " << repository.manifest().lastSequence << ": "
        << (report.count() == 0 ? "all in order" : std::to_string(report.count()) + " problems")
        << '\n';
}

}  // namespace coffer::rescue
