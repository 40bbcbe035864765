#pragma once

#include <functional>
#include <unordered_set>

#include "core/catalog/catalog_file.h"

namespace coffer {

/// Ids of the snapshots that a repository still has.
using LivingSnapshots = std::unordered_set<SnapshotId, IdHash>;

/// Takes out of a catalogue what only snapshots have that are gone, or that were not read whole:
/// afterwards every source is as its newest living snapshot left it, and can go on from there. What
/// living snapshots hold is told all the while. Goes through the whole file, some thousand rows a
/// transaction, and may be cut: done again, it does the rest. `check` is called between them and
/// may throw.
void sweepCatalog(CatalogFile& file, const LivingSnapshots& living,
                  const std::function<void()>& check);

}  // namespace coffer
