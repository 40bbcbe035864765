#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/unique_fd.h"

namespace coffer::rescue {

/// An object opened for reading. Stays what it was when another program replaces or removes the
/// name. Used by one thread.
class RepositoryObject {
  public:
    explicit RepositoryObject(UniqueFd fd);

    std::uint64_t size() const { return size_; }

    /// Fills `out` from `offset`. Throws Error(corrupt) when the object ends before that.
    void read(std::uint64_t offset, std::span<std::uint8_t> out) const;
    Bytes read(std::uint64_t offset, std::size_t size) const;

  private:
    UniqueFd fd_;
    std::uint64_t size_ = 0;
};

/// The folder of a repository, which is only ever read: no lock, no temporary file. What is not a
/// regular file, or is reached through a symlink below the folder, is no object. Used by one
/// thread.
class RepositoryFolder {
  public:
    /// Throws Error when the folder cannot be opened.
    explicit RepositoryFolder(const std::string& path);

    RepositoryObject open(const std::string& name) const;

    /// The whole object. Throws Error(corrupt) when it is larger than `limit`.
    Bytes readAll(const std::string& name, std::size_t limit) const;

    /// The names in a folder of the repository, ascending, of `length` characters.
    std::vector<std::string> list(const std::string& folder, std::size_t length) const;

  private:
    UniqueFd root_;
};

/// The start of a file that is no part of the repository, up to `limit` octets.
Bytes readFile(const std::string& path, std::size_t limit);

}  // namespace coffer::rescue
