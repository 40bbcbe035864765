#include "core/pipeline/copy_job.h"

#include "core/base/error.h"
#include "core/pipeline/tree_copy.h"

namespace coffer {

namespace {

constexpr int compressionLevel = 3;

Snapshot copyOf(const Snapshot& snapshot, const SnapshotOrigin& origin, const AgentKeys& keys) {
    Snapshot copy = snapshot;
    copy.id = origin.copyIn(keys.repositoryId);
    copy.base.reset();  // it stayed where it is
    copy.origin = origin;
    copy.agent = keys.agentId;
    copy.domain = keys.domain.id;
    return copy;
}

// What was stored by then is there the next time.
void finishPacks(BackupShared& shared) {
    try {
        shared.dataPacks.finish();
        shared.treePacks.finish();
    } catch (const Error&) {
        // It was stopped, and that is what counts.
    }
}

}  // namespace

Snapshot runCopy(const Snapshot& snapshot, const SnapshotOrigin& origin, ChunkSource& chunks,
                 const CopyTarget& target, const CopyPace& pace, RunProgress& progress,
                 const CancelToken& cancel) {
    Snapshot copy = copyOf(snapshot, origin, target.keys);
    BackupShared shared(target.store, target.keys, compressionLevel, progress, cancel);
    ChunkSink sink(shared);
    TreeCopy tree({chunks, sink, target, copy.id, pace, progress, cancel});
    try {
        tree.copyContents(copy.root);
        copy.root.tree = tree.copy(*copy.root.tree);
        sink.flush();
        shared.dataPacks.finish();
        shared.treePacks.finish();
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) finishPacks(shared);
        target.map.flush();
        throw;
    }
    cancel.check();
    copy.committed = target.store.commit(
        sealSnapshot(target.keys, copy.id, *copy.root.tree, false, copy.encodeBody()));
    target.map.flush();
    return copy;
}

}  // namespace coffer
