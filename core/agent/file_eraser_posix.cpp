#include "core/agent/file_eraser_posix.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "core/agent/folder_stream_posix.h"
#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/base/unique_fd.h"

namespace coffer {

namespace {

constexpr std::size_t batchSize = 1024;

[[noreturn]] void fail(int number, const char* verb, const std::string& name) {
    throw Error::fromErrno(number, std::string(verb) + " " + printable(name));
}

/// Which folder it is, so that it is known again on the way up.
struct Identity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    bool mounted = false;
    bool operator==(const Identity&) const = default;
};

Identity identityOf(int fd, const std::string& name) {
    struct statx found {};
    if (::statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_INO, &found) != 0) {
        fail(errno, "look at", name);
    }
    const std::uint64_t device = std::uint64_t{found.stx_dev_major} << 32 | found.stx_dev_minor;
    return {device, found.stx_ino, (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0};
}

UniqueFd openFolderAt(int folder, const std::string& name) {
    UniqueFd fd(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) fail(errno, "open folder", name);
    return fd;
}

/// Some of the names in the folder; none when it is empty.
std::vector<std::string> someNames(int folder) {
    FolderStream stream(folder);
    std::vector<std::string> names;
    while (names.size() < batchSize) {
        auto name = stream.next();
        if (!name) break;
        names.push_back(std::move(*name));
    }
    return names;
}

/// False when it is a folder. What has vanished by now counts as removed.
bool removeUnlessFolder(int folder, const std::string& name) {
    if (::unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT) return true;
    const int why = errno;
    struct stat found {};
    if (::fstatat(folder, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISDIR(found.st_mode)) {
        return false;
    }
    fail(why, "erase", name);
}

/// A walk that goes down into one subfolder after the other, and up when a folder is empty. One
/// descriptor at a time; the way back is remembered and checked.
class Eraser {
  public:
    Eraser(int folder, const std::string& name, const CancelToken& cancel) : cancel_(cancel) {
        at_ = openFolderAt(folder, ".");
        device_ = identityOf(at_.get(), name).device;
        goDown(name);
    }

    void run() {
        while (!way_.empty()) {
            cancel_.check();
            if (const auto subfolder = emptyOnce()) {
                goDown(*subfolder);
            } else if (done_) {
                goUp();
            }
        }
    }

  private:
    struct Step {
        std::string name;
        Identity above;  // the folder it is in
    };

    // Removes what it finds until the first subfolder, which it gives.
    std::optional<std::string> emptyOnce() {
        const auto names = someNames(at_.get());
        done_ = names.empty();
        for (const std::string& name : names) {
            if (!removeUnlessFolder(at_.get(), name)) return name;
        }
        return std::nullopt;
    }

    void goDown(const std::string& name) {
        UniqueFd next = openFolderAt(at_.get(), name);
        const Identity identity = identityOf(next.get(), name);
        if (identity.mounted || identity.device != device_) {
            throw Error(ErrorCode::conflict,
                        "something is mounted at " + printable(name) + ", which is not erased");
        }
        way_.push_back({name, identityOf(at_.get(), name)});
        at_ = std::move(next);
    }

    void goUp() {
        const Step step = std::move(way_.back());
        way_.pop_back();
        UniqueFd above(::openat(at_.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!above) fail(errno, "leave", step.name);
        if (identityOf(above.get(), step.name) != step.above) {
            throw Error(ErrorCode::conflict, printable(step.name) + " was moved meanwhile");
        }
        at_ = std::move(above);
        if (::unlinkat(at_.get(), step.name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return;
        // Somebody has put something into it: once more, as long as that goes on.
        if (errno != ENOTEMPTY && errno != EEXIST) fail(errno, "erase folder", step.name);
        goDown(step.name);
    }

    const CancelToken& cancel_;
    std::uint64_t device_ = 0;
    UniqueFd at_;
    std::vector<Step> way_;
    bool done_ = false;
};

}  // namespace

void eraseTree(int folder, const std::string& name, const CancelToken& cancel) {
    if (!removeUnlessFolder(folder, name)) Eraser(folder, name, cancel).run();
}

}  // namespace coffer
