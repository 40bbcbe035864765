#include "core/source/open_posix.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <vector>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t longestPiece = PATH_MAX - 1;

using Steps = std::vector<std::string>;

/// "/" and the parts of `path`; empty parts (doubled or trailing slashes) are left out.
Steps partsOf(const std::string& path) {
    if (path.empty() || path.front() != '/' || path.find('\0') != std::string::npos) {
        throw Error(ErrorCode::invalidArgument, "not an absolute path: " + printable(path));
    }
    Steps parts{"/"};
    for (std::size_t begin = 0; begin < path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (end > begin) parts.push_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    for (const std::string& part : parts) {
        if (part != "." && part != "..") continue;
        throw Error(ErrorCode::invalidArgument, "path with . or ..: " + printable(path));
    }
    return parts;
}

/// The parts joined to as few pieces as the system's limit of length allows.
Steps piecesOf(const Steps& parts) {
    Steps pieces;
    for (const std::string& part : parts) {
        if (!pieces.empty() && pieces.back().size() + 1 + part.size() <= longestPiece) {
            if (pieces.back() != "/") pieces.back() += '/';
            pieces.back() += part;
        } else {
            pieces.push_back(part);
        }
    }
    return pieces;
}

/// openat2(2): fails with ELOOP at a symlink anywhere in `piece`.
int openPiece(int folder, const char* piece, int flags) {
    open_how how{};
    how.flags = static_cast<unsigned>(flags | O_CLOEXEC | O_DIRECTORY);
    how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    return static_cast<int>(::syscall(SYS_openat2, folder, piece, &how, sizeof how));
}

/// Fails with ENOTDIR at a symlink.
int openPart(int folder, const char* part, int flags) {
    return ::openat(folder, part, flags | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW);
}

using OpenStep = int (*)(int folder, const char* step, int flags);

UniqueFd openStep(OpenStep open, int folder, const char* step, int flags) {
    int fd = -1;
    do {
        fd = open(folder, step, flags);
    } while (fd < 0 && errno == EINTR);
    return UniqueFd(fd);
}

/// Goes along `steps`; all but the last are passed through without the right to read them.
UniqueFd openSteps(const Steps& steps, OpenStep open, const std::string& path) {
    UniqueFd at;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const int folder = i == 0 ? AT_FDCWD : at.get();
        const char* step = steps[i].c_str();
        const bool last = i + 1 == steps.size();
        UniqueFd next = openStep(open, folder, step, last ? O_RDONLY | O_NOATIME : O_PATH);
        if (!next && last && errno == EPERM) next = openStep(open, folder, step, O_RDONLY);
        if (!next) {
            const std::string what = "open folder " + printable(path);
            if (errno == ELOOP || errno == ENOTDIR) {
                throw Error(ErrorCode::conflict, what + ": a part is a symlink or no folder");
            }
            throw Error::fromErrno(errno, what);
        }
        at = std::move(next);
    }
    return at;
}

/// Older kernels do not know openat2, and filters of system calls may forbid it.
bool haveOpenat2() {
    static const bool works = static_cast<bool>(UniqueFd(openPiece(AT_FDCWD, "/", O_PATH)));
    return works;
}

}  // namespace

UniqueFd openFolderPath(const std::string& path) {
    if (!haveOpenat2()) return openFolderPathByParts(path);
    return openSteps(piecesOf(partsOf(path)), openPiece, path);
}

UniqueFd openFolderPathByParts(const std::string& path) {
    return openSteps(partsOf(path), openPart, path);
}

UniqueFd openNoAtime(int folder, const char* name, int flags) {
    const int wanted = flags | O_CLOEXEC | O_NOCTTY;
    int fd = -1;
    do {
        fd = ::openat(folder, name, wanted | O_NOATIME);
        if (fd < 0 && errno == EPERM) fd = ::openat(folder, name, wanted);
    } while (fd < 0 && errno == EINTR);
    return UniqueFd(fd);
}

}  // namespace coffer
