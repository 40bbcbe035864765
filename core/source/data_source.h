#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/source/attributes.h"

namespace coffer {

/// A stretch of a file: data, or a hole that reads as zeros without being read.
struct Region {
    std::uint64_t length = 0;  // 0 at the end of the file
    bool hole = false;
};

/// An open file of a source. Used by one thread.
class FileReader {
  public:
    virtual ~FileReader() = default;

    /// The stretch that begins at `offset`, as the source sees it now.
    virtual Region regionAt(std::uint64_t offset) = 0;

    /// Reads up to out.size() octets from `offset`; fewer only at the end of the file, 0 behind it.
    virtual std::size_t readAt(std::uint64_t offset, std::span<std::uint8_t> out) = 0;

    /// The file's attributes beyond Stat, read through the open file.
    virtual Details details() = 0;

    /// The file as it was when it was opened.
    virtual const Stat& opened() const = 0;

    /// The file as it is now; compared with opened() to notice a change.
    virtual Stat statNow() = 0;
};

/// An open folder of a source. Used by one thread.
/// A `name` is one path part, exactly as list() gave it.
class Folder {
  public:
    virtual ~Folder() = default;

    /// Calls `each` for every entry except "." and "..", in any order, each once.
    virtual void list(const std::function<void(std::string_view name)>& each) = 0;

    /// Nothing when the entry has vanished; Error when it cannot be asked.
    virtual std::optional<Stat> stat(const std::string& name) = 0;

    /// The folder itself (its name is empty).
    virtual Stat statSelf() = 0;
    virtual Details detailsSelf() = 0;

    /// Details of an entry that is not opened otherwise (symlinks, devices…); also of a file that
    /// may not be opened.
    virtual Details details(const Stat& entry) = 0;

    /// Opens a file for reading without touching its access time where that is possible.
    /// Throws Error(conflict) when the name no longer leads to that inode or is no regular file.
    virtual std::unique_ptr<FileReader> open(const Stat& entry) = 0;
};

/// Something that can be backed up: a tree of folders and files. Safe to share; the folders that
/// it hands out are not.
class DataSource {
  public:
    virtual ~DataSource() = default;

    /// Opens the folder at an absolute path ('/' between parts, any length). No part of it may be a
    /// symlink (Error(conflict)), so that nobody can lead a running backup elsewhere.
    virtual std::unique_ptr<Folder> openFolder(const std::string& path) = 0;
};

}  // namespace coffer
