#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {

/// A file system of this computer that keeps data.
struct MountedFileSystem {
    std::string type;        // "ext4"
    std::string mountPoint;  // absolute, octets
    std::uint64_t bytes = 0;
};

/// Those that a text like /proc/self/mountinfo (proc(5)) names, without their sizes, by mount
/// point: disks of the computer, not what the kernel makes up and not other computers' folders. One
/// that is mounted several times comes once, by its shortest mount point.
std::vector<MountedFileSystem> fileSystemsIn(std::string_view mountInfo);

/// The file systems of this computer, `most` at most; the root first. What cannot be asked is left
/// out.
std::vector<MountedFileSystem> fileSystems(std::size_t most);

}  // namespace coffer
