#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace coffer {

/// A new file being appended to; closed by destruction. Used by one thread.
class DiskWriter {
  public:
    virtual ~DiskWriter() = default;

    /// Appends all of `data`.
    virtual void write(ByteView data) = 0;

    /// Returns when the octets written so far will outlast a power loss (the name may not).
    virtual void sync() = 0;
};

/// A file open for reading. Safe to share between threads.
class DiskReader {
  public:
    virtual ~DiskReader() = default;

    /// Fills `out` from `offset`; returns how many octets there were, less than asked only at the
    /// end of the file.
    virtual std::size_t read(std::uint64_t offset, std::span<std::uint8_t> out) = 0;

    /// The path it was opened by still names it: it was neither removed nor replaced since, by
    /// whomever, whatever other names it has.
    virtual bool named() = 0;
};

enum class DiskKind { file, folder, other };

struct DiskEntry {
    std::string name;  // the last part of the path
    DiskKind kind = DiskKind::other;
    std::uint64_t size = 0;  // octets; 0 unless a file
};

/// The one door of the local store to a file system: the few operations whose order decides what
/// outlives a crash. Paths are absolute, parts joined by '/', and no part may be a symbolic link:
/// such a path is not found. Errors are those of Error::fromErrno, naming the path. Safe to share
/// between threads; readers and writers must not outlive the disk.
class Disk {
  public:
    virtual ~Disk() = default;

    /// `path` as an absolute one with the symbolic links that exist now resolved; what does not
    /// exist yet is kept as it is.
    virtual std::string canonical(const std::string& path) = 0;

    /// Makes a new file only its owner (or DiskAccess::group) may use. Throws Error(alreadyExists).
    virtual std::unique_ptr<DiskWriter> create(const std::string& path) = 0;

    /// Opens a file for reading. Throws Error(notFound), also for what is no file.
    virtual std::shared_ptr<DiskReader> open(const std::string& path) = 0;

    /// Moves a file; replaces the file `to` in one step if there is one.
    virtual void rename(const std::string& from, const std::string& to) = 0;

    /// Moves a file to a name that must be free; throws Error(alreadyExists) otherwise.
    virtual void publish(const std::string& from, const std::string& to) = 0;

    /// Removes a file or a symbolic link. Throws Error(notFound).
    virtual void unlink(const std::string& path) = 0;

    /// Makes a folder only its owner may use; false when it is there already. Throws
    /// Error(notFound) without a parent and Error(alreadyExists) when the name is no folder's.
    virtual bool makeFolder(const std::string& path) = 0;

    /// Returns when the names in the folder will outlast a power loss.
    virtual void syncFolder(const std::string& path) = 0;

    /// What the path names, or nothing.
    virtual std::optional<DiskEntry> stat(const std::string& path) = 0;

    /// What is in a folder, in no order. Throws Error(notFound).
    virtual std::vector<DiskEntry> list(const std::string& path) = 0;

    /// Octets that this program may still write to the file system a folder is in; nothing when
    /// that cannot be told.
    virtual std::optional<std::uint64_t> freeSpace(const std::string& path) = 0;
};

/// Whom new files and folders belong to: 0600 and 0700, or, as far as the umask lets them, 0660 and
/// 0770.
enum class DiskAccess { owner, group };

/// The file systems of this computer.
std::unique_ptr<Disk> makeSystemDisk(DiskAccess access = DiskAccess::owner);

/// Makes a folder only its owner may use, and its parents where they are missing; durable when it
/// returns. The path is canonical.
void makeFolders(Disk& disk, const std::string& path);

/// Removes a file; nothing happens when nothing is there.
void removeIfThere(Disk& disk, const std::string& path);

/// Makes a file, or replaces it as a whole: others see the old one or the new one, also after a
/// crash; durable when it returns. `prepare` may do something to the new one, such as give it a
/// mode, before it is seen. What a failure leaves is called "FILE.new", until the next time.
void replaceFile(Disk& disk, const std::string& file, ByteView content,
                 const std::function<void(const std::string& fresh)>& prepare = {});

/// The folder a path is in; "/" for the parts right below it and for itself.
std::string parentOf(const std::string& path);

}  // namespace coffer
