#pragma once

#include <string>

#include "core/repository/chunk_reader.h"
#include "core/repository/read_session.h"
#include "core/snapshot/snapshot.h"

namespace coffer {

/// Reads the trees and files of the snapshots of one dedup domain. Used by one thread.
class SnapshotReader {
  public:
    /// `repository` outlives it.
    SnapshotReader(Repository& repository, const DomainId& domain)
        : session_(repository), chunks_(session_, repository.keys().domain(domain).key) {}

    ChunkReader& chunks() { return chunks_; }
    ReadSession& session() { return session_; }

    /// The entry at an absolute path. Throws Error(notFound).
    TreeNode nodeAt(const Snapshot& snapshot, const std::string& path);

  private:
    ReadSession session_;
    ChunkReader chunks_;
};

}  // namespace coffer
