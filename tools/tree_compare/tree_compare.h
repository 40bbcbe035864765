#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace coffer {

/// How two trees are compared.
struct TreeCompareOptions {
    bool ignoreMtimeOfRoot = false;
};

struct TreeCompareResult {
    std::uint64_t entries = 0;  // names that both trees have, the roots included
    std::uint64_t differences = 0;
};

/// Compares the trees in the folders `a` and `b` octet by octet and attribute by attribute and
/// calls `report` with a printable line per difference: names, type, size, content, permission
/// bits, owner and group by number, modification time in nanoseconds, extended attributes of all
/// name spaces (ACLs and capabilities among them; trusted.* only for root), symlink targets, device
/// numbers, which names are hard links of each other, and these inode flags of files and folders:
/// immutable, append-only, no-dump, no-access-time, synchronous, synchronous-folder, top-folder,
/// no-copy-on-write, compressed, uncompressed, journalled-data, no-tail-merging, secure-deletion,
/// undeletable, direct-access, project-inheritance. A hole of `a` of 64 KiB or more must be one in
/// `b`, its edges rounded to the blocks of the file systems. Access, change and birth times are not
/// compared. An entry that one tree lacks is one difference, whatever it holds.
///
/// Paths may have any length; nothing is opened through a symlink below the roots. Memory: the
/// names of one folder, of the folders not yet visited beside the way down to it, and of hard
/// links. Access times of files and folders stay as they are where the system allows it
/// (O_NOATIME); those of symlinks may change. Throws Error when something cannot be read.
TreeCompareResult compareTrees(const std::string& a, const std::string& b,
                               const TreeCompareOptions& options,
                               const std::function<void(const std::string& line)>& report);

}  // namespace coffer
