#pragma once

#include <map>
#include <memory>
#include <string>

#include "tests/support/simulated_disk.h"

namespace coffer {

/// The SQLite databases in a real folder, made part of a simulated disk: every write, sync,
/// truncation and removal that SQLite does to a file there is a point of that disk, and crashes or
/// fails as it is told. What outlives a crash is known too: of a file what was synced last and, by
/// the mode, nothing of what was written since (lost), the first half (torn) or the second half
/// (hollow: the disk wrote in another order). Names are durable at once, as SQLite syncs folders
/// when it makes or removes a file.
class FaultyDatabases {
  public:
    /// What lies in the folder counts as synced. No database there may be open when it begins or
    /// ends. Any number at a time.
    FaultyDatabases(SimulatedDisk& disk, const std::string& folder);
    ~FaultyDatabases();
    FaultyDatabases(const FaultyDatabases&) = delete;
    FaultyDatabases& operator=(const FaultyDatabases&) = delete;

    /// Writes into the empty folder `to` what this one is after the crash.
    void copyAfter(CrashMode mode, const std::string& to) const;

    /// The files as they are now, by name.
    std::map<std::string, Bytes> contents() const;

    struct Folder;

  private:
    std::shared_ptr<Folder> folder_;
};

}  // namespace coffer
