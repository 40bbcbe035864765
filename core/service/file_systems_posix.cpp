#include <sys/statvfs.h>

#include <fstream>
#include <sstream>

#include "core/service/file_systems.h"

namespace coffer {

std::vector<MountedFileSystem> fileSystems(std::size_t most) {
    std::ifstream file("/proc/self/mountinfo");
    std::ostringstream text;
    text << file.rdbuf();
    std::vector<MountedFileSystem> all;
    for (MountedFileSystem& each : fileSystemsIn(text.str())) {
        if (all.size() == most) break;
        struct statvfs facts {};
        if (::statvfs(each.mountPoint.c_str(), &facts) != 0) continue;
        each.bytes = std::uint64_t{facts.f_blocks} * facts.f_frsize;
        all.push_back(std::move(each));
    }
    return all;
}

}  // namespace coffer
