#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/base/unique_fd.h"
#include "tests/support/nasty_tree.h"

namespace coffer {

namespace {

constexpr int openFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

void clearFlags(int folder, const char* name) {
    const UniqueFd fd(::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    unsigned flags = 0;
    if (!fd || ::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) != 0) return;
    flags &= ~unsigned{FS_IMMUTABLE_FL | FS_APPEND_FL};
    ::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags);
}

/// Runs a call on an entry, once more without its flags when they forbid it.
template <class Call>
bool insist(int folder, const std::string& name, Call&& call) {
    if (call() == 0) return true;
    if (errno != EPERM) return false;
    clearFlags(folder, name.c_str());
    return call() == 0;
}

std::vector<std::string> namesIn(int folder) {
    struct Closer {
        void operator()(DIR* dir) const { ::closedir(dir); }
    };
    const std::unique_ptr<DIR, Closer> dir(::fdopendir(::openat(folder, ".", openFolderFlags)));
    if (!dir) throw Error::fromErrno(errno, "list folder to remove");
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(dir.get())) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..") names.push_back(name);
    }
    return names;
}

/// Empties `top` with constant depth: folders within folders are first moved up into `top`.
class Remover {
  public:
    explicit Remover(int top) : top_(top) {}

    void run() {
        for (auto names = namesIn(top_); !names.empty(); names = namesIn(top_)) {
            for (const std::string& name : names) removeAtTop(name);
        }
    }

  private:
    void removeAtTop(const std::string& name) {
        if (unlink(top_, name)) return;
        clearFlags(top_, name.c_str());
        const UniqueFd folder(::openat(top_, name.c_str(), openFolderFlags));
        if (!folder) throw Error::fromErrno(errno, "open " + printable(name) + " to remove it");
        for (const std::string& inner : namesIn(folder.get())) {
            if (!unlink(folder.get(), inner)) moveUp(folder.get(), inner);
        }
        if (::unlinkat(top_, name.c_str(), AT_REMOVEDIR) != 0) {
            throw Error::fromErrno(errno, "remove folder " + printable(name));
        }
    }

    /// False when it is a folder.
    static bool unlink(int folder, const std::string& name) {
        struct stat entry;
        if (::fstatat(folder, name.c_str(), &entry, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISDIR(entry.st_mode)) {
            return false;
        }
        if (insist(folder, name, [&] { return ::unlinkat(folder, name.c_str(), 0); })) return true;
        throw Error::fromErrno(errno, "remove " + printable(name));
    }

    void moveUp(int folder, const std::string& name) {
        const std::string place = ".remove-" + std::to_string(moved_++);
        const auto move = [&] { return ::renameat(folder, name.c_str(), top_, place.c_str()); };
        if (!insist(folder, name, move)) throw Error::fromErrno(errno, "move " + printable(name));
    }

    int top_;
    unsigned moved_ = 0;
};

}  // namespace

void removeTree(const std::string& folder) {
    clearFlags(AT_FDCWD, folder.c_str());
    const UniqueFd top(::open(folder.c_str(), openFolderFlags));
    if (!top && errno == ENOENT) return;
    if (!top) throw Error::fromErrno(errno, "open " + printable(folder) + " to remove it");
    Remover(top.get()).run();
    if (::rmdir(folder.c_str()) != 0) throw Error::fromErrno(errno, "remove " + printable(folder));
}

}  // namespace coffer
