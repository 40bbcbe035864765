#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "core/agent/file_eraser_posix.h"
#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/base/random.h"
#include "core/repository/ids.h"
#include "core/storage/disk.h"
#include "management_server/rehearsals/rehearsal_folder.h"

namespace coffer {

namespace {

constexpr std::string_view prefix = "rehearsal-";
constexpr std::size_t nameSize = prefix.size() + 32;

UniqueFd openFolder(const std::string& path) {
    return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

bool tryLock(const UniqueFd& folder) {
    return ::flock(folder.get(), LOCK_EX | LOCK_NB) == 0;
}

void erase(const std::string& parent, const std::string& name) {
    const CancelToken never;
    const UniqueFd folder = openFolder(parent);
    if (!folder) throw Error::fromErrno(errno, "open " + printable(parent));
    eraseTree(folder.get(), name, never);
}

std::string madeParent(const std::string& parent) {
    const auto disk = makeSystemDisk();
    const std::string path = disk->canonical(parent);
    makeFolders(*disk, path);
    return path;
}

}  // namespace

RehearsalFolder::RehearsalFolder(const std::string& parent)
    : parent_(madeParent(parent)),
      name_(std::string(prefix) + randomId<PackId>().hex()),
      path_(parent_ + "/" + name_) {
    clear(parent_);
    makeSystemDisk()->makeFolder(path_);
    lock_ = openFolder(path_);
    if (!lock_ || !tryLock(lock_)) throw Error::fromErrno(errno, "lock " + printable(path_));
}

RehearsalFolder::~RehearsalFolder() {
    try {
        erase(parent_, name_);
    } catch (const Error&) {
        // The next rehearsal tries again.
    }
}

void RehearsalFolder::clear(const std::string& parent) {
    const auto disk = makeSystemDisk();
    const std::string path = disk->canonical(parent);
    if (!disk->stat(path)) return;
    for (const DiskEntry& entry : disk->list(path)) {
        if (entry.kind != DiskKind::folder || entry.name.size() != nameSize ||
            !entry.name.starts_with(prefix)) {
            continue;
        }
        const UniqueFd folder = openFolder(path + "/" + entry.name);
        if (!folder || !tryLock(folder)) continue;  // of a program that lives
        try {
            erase(path, entry.name);
        } catch (const Error&) {
            continue;  // the next one may go
        }
    }
}

}  // namespace coffer
