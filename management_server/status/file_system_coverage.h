#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace coffer {

/// A file system of an agent, as its fact "filesystem-N" tells: "ext4 53687091200 /home".
struct AgentFileSystem {
    std::string type;
    std::uint64_t bytes = 0;
    std::string mountPoint;  // absolute, printable

    bool operator==(const AgentFileSystem&) const = default;
};

/// Those among an agent's facts, by mount point; what does not parse is left out.
std::vector<AgentFileSystem> fileSystemsIn(const std::map<std::string, std::string>& facts);

/// A path that is backed up, printable as mount points are.
struct CoveringPath {
    std::string path;
    bool oneFileSystem = false;  // what is mounted below is left out
};

/// The file systems of which nothing is backed up. One is covered by a path that lies in it, or by
/// one that leads to it from above and does not stop at mount points. Exclude patterns are not
/// looked at.
std::vector<AgentFileSystem> uncovered(const std::vector<AgentFileSystem>& all,
                                       const std::vector<CoveringPath>& paths);

}  // namespace coffer
