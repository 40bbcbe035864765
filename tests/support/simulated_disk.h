#pragma once

#include <cstdint>
#include <limits>
#include <memory>

#include "core/base/guarded.h"
#include "core/storage/disk.h"

namespace coffer {

/// Thrown by a SimulatedDisk that crashed. No exception of the standard or of Coffer, so that
/// nobody takes the end of the computer for an error to be handled.
struct SimulatedCrash {};

/// What outlives a crash of what was not synced.
enum class CrashMode {
    killed,  // the process died: everything, and it still is not synced
    lost,    // the power went: no data and no names
    hollow,  // the power went: the names, but not the data behind them
    torn     // the power went: the names and the first half of the data
};

/// A disk in memory with a page cache. Every changing operation is a point, numbered from 1:
/// create, write, sync, rename, publish, unlink, makeFolder, syncFolder; at any point it can crash
/// or fail. A write that crashes or fails has written the first half. Only "/" exists at first;
/// there are no symbolic links. Safe to share between threads.
class SimulatedDisk : public Disk {
  public:
    SimulatedDisk();

    /// Crashes instead of executing point `point`: it and whatever follows throw SimulatedCrash.
    void crashAt(std::uint64_t point);

    /// Points `first` to `last` fail with errno `number`, e.g. ENOSPC or EIO.
    void failAt(int number, std::uint64_t first,
                std::uint64_t last = std::numeric_limits<std::uint64_t>::max());

    /// How many points were reached so far.
    std::uint64_t points() const;

    /// Something that is not on this disk has come to a point of its own, to be counted among the
    /// others: throws what an operation on `path` would.
    void reach(const std::string& path);

    /// The disk after the computer went down now (or at the crash) and came up again, with points
    /// counted from 0. This disk stays as it is.
    std::unique_ptr<SimulatedDisk> reopen(CrashMode mode) const;

    std::string canonical(const std::string& path) override { return path; }
    std::unique_ptr<DiskWriter> create(const std::string& path) override;
    std::shared_ptr<DiskReader> open(const std::string& path) override;
    void rename(const std::string& from, const std::string& to) override;
    void publish(const std::string& from, const std::string& to) override;
    void unlink(const std::string& path) override;
    bool makeFolder(const std::string& path) override;
    void syncFolder(const std::string& path) override;
    std::optional<DiskEntry> stat(const std::string& path) override;
    std::vector<DiskEntry> list(const std::string& path) override;
    std::optional<std::uint64_t> freeSpace(const std::string&) override;

    /// What freeSpace() says from now on; nothing before.
    void setFreeSpace(std::uint64_t octets);

  private:
    struct Node;
    using NodePtr = std::shared_ptr<Node>;
    struct State;
    class Survival;
    class Writer;
    class Reader;

    void move(const std::string& from, const std::string& to, bool replace);

    std::shared_ptr<Guarded<State>> state_;  // shared with open files
};

}  // namespace coffer
