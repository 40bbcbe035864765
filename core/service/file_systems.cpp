#include "core/service/file_systems.h"

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <utility>

namespace coffer {

namespace {

constexpr std::array<std::string_view, 20> keeping = {
    "ext2", "ext3",  "ext4",    "xfs",      "btrfs", "bcachefs", "zfs",
    "f2fs", "jfs",   "nilfs2",  "reiserfs", "vfat",  "msdos",    "exfat",
    "ntfs", "ntfs3", "fuseblk", "hfsplus",  "ufs",   "udf"};

bool keepsData(const std::string& type, const std::string& mountPoint) {
    // A container's own root is all that it has.
    if (type == "overlay") return mountPoint == "/";
    return std::ranges::find(keeping, type) != keeping.end();
}

// Spaces and the like stand as "\040".
std::string unescaped(const std::string& text) {
    const auto digit = [](char c) { return c >= '0' && c <= '7'; };
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size() && digit(text[i + 1]) && digit(text[i + 2]) &&
            digit(text[i + 3])) {
            const int value =
                (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
            result += static_cast<char>(value);
            i += 3;
        } else {
            result += text[i];
        }
    }
    return result;
}

struct Mount {
    std::string device;
    std::string root;  // the part of the file system that is mounted
    MountedFileSystem what;
};

// "36 35 98:0 /root /mount options optional… - type source super-options"
bool parse(const std::string& line, Mount& mount) {
    std::istringstream words(line);
    std::string id, parent, mountPoint, options, word;
    if (!(words >> id >> parent >> mount.device >> mount.root >> mountPoint >> options)) {
        return false;
    }
    while (words >> word && word != "-") {
    }
    if (!(words >> mount.what.type)) return false;
    mount.what.mountPoint = unescaped(mountPoint);
    return mount.what.mountPoint.starts_with('/');
}

}  // namespace

std::vector<MountedFileSystem> fileSystemsIn(std::string_view mountInfo) {
    std::map<std::pair<std::string, std::string>, MountedFileSystem> found;
    std::istringstream lines{std::string(mountInfo)};
    for (std::string line; std::getline(lines, line);) {
        Mount mount;
        if (!parse(line, mount) || !keepsData(mount.what.type, mount.what.mountPoint)) continue;
        // A part that is mounted elsewhere is seen already, but subvolumes are of their own.
        if (mount.root != "/" && mount.what.type != "btrfs") continue;
        auto& kept = found[{mount.device, mount.root}];
        if (kept.mountPoint.empty() || mount.what.mountPoint.size() < kept.mountPoint.size()) {
            kept = mount.what;
        }
    }
    std::vector<MountedFileSystem> all;
    for (auto& [key, each] : found) all.push_back(std::move(each));
    std::ranges::sort(all, {}, &MountedFileSystem::mountPoint);
    return all;
}

}  // namespace coffer
