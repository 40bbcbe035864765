#include "core/snapshot/snapshot_reader.h"

#include "core/base/error.h"
#include "core/snapshot/tree_reader.h"

namespace coffer {

TreeNode SnapshotReader::nodeAt(const Snapshot& snapshot, const std::string& path) {
    try {
        return coffer::nodeAt(chunks_, snapshot.root, path);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound) throw;
        throw Error(error.code(), "snapshot " + shortName(snapshot.id) + ": " + error.what());
    }
}

}  // namespace coffer
