#include "core/storage/disk.h"

#include <ranges>

namespace coffer {

void makeFolders(Disk& disk, const std::string& path) {
    std::vector<std::string> missing{path};
    while (missing.back() != "/" && !disk.stat(parentOf(missing.back()))) {
        missing.push_back(parentOf(missing.back()));
    }
    for (const std::string& folder : missing | std::views::reverse) {
        disk.makeFolder(folder);
        disk.syncFolder(parentOf(folder));
    }
}

std::string parentOf(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

}  // namespace coffer
