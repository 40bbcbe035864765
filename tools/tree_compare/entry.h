#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/unique_fd.h"

namespace coffer::tree_compare {

/// Which inode a name leads to.
struct InodeId {
    std::uint64_t device = 0;
    std::uint64_t number = 0;
    auto operator<=>(const InodeId&) const = default;
};

/// All attributes of an entry that are compared.
struct Entry {
    char type = '?';  // as ls(1) shows it: - d l p s c b
    std::uint64_t size = 0;
    std::uint32_t mode = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    Timestamp mtime;
    std::string deviceNumber;  // "major:minor" of device nodes
    std::string linkTarget;    // of symlinks
    std::map<std::string, std::string> xattrs;
    std::uint32_t inodeFlags = 0;  // those that can be restored; of files and folders
    InodeId inode;
    std::uint64_t links = 0;
    std::uint64_t blockSize = 0;
    UniqueFd fd;  // of files and folders: open for reading
};

/// Opens the folder `path`, symlinks followed, and reads its attributes.
Entry openRoot(const std::string& path);

/// Reads the entry `name` of an open folder, a symlink itself.
Entry readEntry(int folder, const std::string& name);

/// The names in an open folder, sorted, without "." and "..".
std::vector<std::string> listFolder(int folder);

}  // namespace coffer::tree_compare
