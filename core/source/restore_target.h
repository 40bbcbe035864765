#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/source/attributes.h"

namespace coffer {

/// A file being restored. Destruction without finish() closes it as it is. Used by one thread at
/// a time.
class FileWriter {
  public:
    virtual ~FileWriter() = default;
    virtual void writeAt(std::uint64_t offset, ByteView data) = 0;

    /// Sets the size (stretches never written are holes), then the attributes, then closes.
    /// Returns a line per attribute that the target could not take.
    virtual std::vector<std::string> finish(const Attributes& attributes) = 0;
};

/// Where a restore writes to: a tree of folders and files. Paths are relative, '/' between parts,
/// octets, any length; a part is never "", "." or ".." (Error(invalidArgument)).
/// Safe to share between threads.
class RestoreTarget {
  public:
    virtual ~RestoreTarget() = default;

    /// Makes a folder that only its owner can enter until finishFolder(); its parent exists.
    virtual void makeFolder(const std::string& path) = 0;

    /// Creates a file that must not exist yet. `attributes` tells what finish() will bring.
    virtual std::unique_ptr<FileWriter> createFile(const std::string& path,
                                                   const Attributes& attributes) = 0;

    /// Makes a symlink, FIFO, socket or device node with all its attributes.
    /// Returns a line per attribute that the target could not take.
    virtual std::vector<std::string> makeSpecial(const std::string& path,
                                                 const Attributes& attributes) = 0;

    /// Makes `path` another name of `existing` (a symlink itself, never what it points to).
    virtual void link(const std::string& existing, const std::string& path) = 0;

    /// Gives the entry `made` the name `path` in the same folder, in place of what is there: one or
    /// the other is there at every moment. Throws Error(alreadyExists) when a folder is.
    virtual void replace(const std::string& made, const std::string& path) = 0;

    /// Sets a folder's attributes; called when everything in it is done.
    virtual std::vector<std::string> finishFolder(const std::string& path,
                                                  const Attributes& attributes) = 0;

    /// What is at `path` now, for going on with an interrupted restore; nothing when there is none.
    virtual std::optional<Stat> stat(const std::string& path) = 0;

    /// Removes a file or special entry that an interrupted restore left half done.
    virtual void remove(const std::string& path) = 0;

    /// Everything written so far is on the disk when it returns.
    virtual void sync() = 0;
};

}  // namespace coffer
