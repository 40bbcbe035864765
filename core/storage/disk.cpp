#include "core/storage/disk.h"

namespace coffer {

void makeFolders(Disk& disk, const std::string& path) {
    std::vector<std::string> missing{path};
    while (missing.back() != "/" && !disk.stat(parentOf(missing.back()))) {
        missing.push_back(parentOf(missing.back()));
    }
    for (; !missing.empty(); missing.pop_back()) {
        disk.makeFolder(missing.back());
        disk.syncFolder(parentOf(missing.back()));
    }
}

void removeIfThere(Disk& disk, const std::string& path) {
    if (disk.stat(path)) disk.unlink(path);
}

void replaceFile(Disk& disk, const std::string& file, ByteView content,
                 const std::function<void(const std::string& fresh)>& prepare) {
    const std::string fresh = file + ".new";
    removeIfThere(disk, fresh);
    {
        const auto writer = disk.create(fresh);
        writer->write(content);
        writer->sync();
    }
    if (prepare) prepare(fresh);
    disk.rename(fresh, file);
    disk.syncFolder(parentOf(file));
}

std::string parentOf(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

}  // namespace coffer
