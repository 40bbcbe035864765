#pragma once

#include <vector>

#include "management_server/rehearsals/source_proofs.h"
#include "management_server/snapshots/snapshot_shelf.h"

namespace coffer::solo {

/// When each source was last proven as far as repo.db knows: by a rehearsal of a whole snapshot or
/// a verification of every byte. The newest first.
std::vector<SourceProof> provenSources(Repository& repository, SnapshotShelf& shelf);

}  // namespace coffer::solo
