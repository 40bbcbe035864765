#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/clock.h"

namespace coffer {

/// An entry of a folder, as every source shows it.
struct ObjectEntry {
    std::string name;                         // octets; empty for the root
    std::string kind;                         // "file", "folder"…, as Entry of objects.idl
    std::optional<std::uint64_t> size;        // of content; nothing when it has none or is unknown
    std::optional<Timestamp> modified;        // nothing when unknown
    std::uint32_t mode = 0;                   // permission bits 07777
    std::map<std::string, std::string> more;  // as Entry of objects.idl; UTF-8
};

/// What is left of a list of entries. Used by one thread at a time; may outlive its tree.
class EntryCursor {
  public:
    virtual ~EntryCursor() = default;

    /// The next entry, in no order, each once; nothing at the end. What vanishes meanwhile is
    /// passed over.
    virtual std::optional<ObjectEntry> next() = 0;
};

/// Folders and files as an agent shows them, whatever lies behind: a file system, a registry, a
/// mailbox. Paths as in object_path.h; any other is Error(invalidArgument) before anything happens.
///
/// What a source cannot do, at all or with this kind of entry, throws Error(unsupported): that is
/// what operations that change something do here. Further errors: notFound; permissionDenied, of
/// the system; conflict, when a part of the path is no folder, in particular a symbolic link, which
/// is never followed; noSpace; ioError. The root itself can be neither erased, moved nor copied.
/// Safe to share between threads.
class ObjectTree {
  public:
    virtual ~ObjectTree() = default;

    /// A symbolic link is looked at itself.
    virtual ObjectEntry stat(const std::string& path) = 0;

    virtual std::unique_ptr<EntryCursor> list(const std::string& path) = 0;

    /// Up to `length` octets of a file, fewer only at its end, none behind it.
    virtual Bytes read(const std::string& path, std::uint64_t offset, std::size_t length) = 0;

    /// Writes into a file that is there; a gap reads as zeros.
    virtual void write(const std::string& path, std::uint64_t offset, ByteView data);

    /// Cuts a file or lengthens it with zeros.
    virtual void resize(const std::string& path, std::uint64_t size);

    /// Both make something empty that only its owner can use, in a folder that is there. Throw
    /// Error(alreadyExists).
    virtual void createFile(const std::string& path);
    virtual void createFolder(const std::string& path);

    /// Error(conflict) for a folder that is not empty, unless `recursive`. What is mounted below is
    /// never erased: Error(conflict). An error on the way leaves what has not been erased yet.
    virtual void erase(const std::string& path, bool recursive);

    /// Gives an entry another path, which must be free: Error(alreadyExists). Throws
    /// Error(invalidArgument) for a target within what is moved.
    virtual void move(const std::string& path, const std::string& target);

    /// Copies an entry, of a folder all that is in it, with attributes as far as the source keeps
    /// them. Errors as move. A copy that fails is taken away again.
    virtual void copy(const std::string& path, const std::string& target);

    /// Makes a symbolic link with that text, octets. Error(alreadyExists).
    virtual void createLink(const std::string& path, const std::string& text);

    /// What an entry is to look like; nothing of it that is empty is changed.
    struct Look {
        std::optional<Timestamp> modified{};
        std::optional<std::uint32_t> mode{};  // bits beyond 0777 are left out
    };

    /// Gives the entry at `path` that look, then, in one step, the path `target`, where nobody ever
    /// sees anything in between. What it takes the place of has to look like `replaced` (kind,
    /// size, time: Error(conflict)); without that nothing may be there: Error(alreadyExists). It
    /// then belongs to whom that did, or else the folder. Both paths may be the same: then only the
    /// look changes, and what is there has to be like `replaced`, if it is given: of a folder
    /// without time the kind alone. Gives the entry as it was when it got there. A file
    /// that has further names is Error(conflict): nobody's is given away.
    virtual ObjectEntry settle(const std::string& path, const std::string& target,
                               const Look& wanted, const std::optional<ObjectEntry>& replaced);

    /// Removes an entry that still looks like that, no folder; else Error(conflict).
    virtual void eraseAs(const std::string& path, const ObjectEntry& seen);

    /// What was written to this folder and to what is mounted below is on the disks.
    virtual void flush(const std::string& path);
};

}  // namespace coffer
