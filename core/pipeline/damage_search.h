#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/cancel.h"
#include "core/pipeline/reference_check.h"
#include "core/pipeline/sound_places.h"
#include "core/repository/repository.h"

namespace coffer {

/// An entry of snapshots that lost something: a file its content or a stream, a folder what it
/// holds, or a part of that.
struct TouchedEntry {
    std::string path;  // absolute, octets
    bool isFolder = false;
    std::uint64_t size = 0;             // of a file, in octets
    std::uint64_t snapshotCount = 0;    // in so many of them
    std::vector<SnapshotId> snapshots;  // the newest of these, newest first

    /// "a file of 12 octets lost in snapshots 1a2b3c4d, 5e6f7a8b and 3 more"
    std::string message() const;
};

/// What damage means for those who want their files back.
struct DamageReport {
    std::vector<TouchedEntry> entries;  // in the order in which they were found
    std::uint64_t more = 0;             // entries that are not listed
    std::vector<SnapshotId> snapshots;  // that lost something, newest first

    bool empty() const { return snapshots.empty(); }
};

constexpr std::size_t mostTouchedEntries = 1'000;
constexpr std::size_t mostTouchedSnapshots = 20;  // listed of one entry

/// Looks through the trees of these snapshots (oldest first) for what has no sound place any more.
/// `incomplete` is what findIncomplete gave: only folders that lead to something lost are read, and
/// those that snapshots share once. Throws what ends a run, and Error(cancelled).
DamageReport searchDamage(Repository& repository, const std::vector<SnapshotInfo>& snapshots,
                          const SoundPlaces& sound, const ChunkSet& incomplete,
                          const CancelToken& cancel);

/// The same for what is known to be damaged already: reads the suspect packs alone, to tell which
/// of their blocks are sound. All others count as sound.
DamageReport searchKnownDamage(Repository& repository, const std::vector<SnapshotInfo>& snapshots,
                               const CancelToken& cancel);

/// In all snapshots that there are.
DamageReport searchKnownDamage(Repository& repository, const CancelToken& cancel);

}  // namespace coffer
