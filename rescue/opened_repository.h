#pragma once

#include <string>

#include "rescue/chunk_store.h"
#include "rescue/snapshot_reader.h"

namespace coffer::rescue {

/// A repository whose config, keys and manifest have been checked from the kit down.
/// Used by one thread.
class OpenedRepository {
  public:
    /// Reports what is damaged in the manifest. Throws Error when config or keys cannot be used.
    OpenedRepository(const std::string& path, const Kit& kit, ProblemReport& report);

    const RepositoryFolder& folder() const { return folder_; }
    const Config& config() const { return config_; }
    const Keys& keys() const { return keys_; }
    const Manifest& manifest() const { return manifest_; }

    Snapshot snapshot(const SnapshotRecord& registered) const;

    /// Reads the directories of all packs; keeps references to this.
    ChunkStore chunks(ProblemReport& report) const;

  private:
    const RepositoryFolder folder_;
    const Config config_;
    const Keys keys_;
    const Manifest manifest_;
};

}  // namespace coffer::rescue
