#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/source/open_beneath.h"

namespace coffer {

namespace {

constexpr int folderFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
constexpr std::size_t longestPiece = 4000;  // below PATH_MAX

// Cuts the next piece off `rest`, which begins with a part: as many whole parts as fit into
// `longest` octets, at least one.
std::string takePiece(std::string_view& rest, std::size_t longest) {
    auto end = rest.size();
    if (end > longest) {
        end = rest.rfind('/', longest);
        if (end == rest.npos) end = std::min(rest.find('/'), rest.size());
    }
    std::string piece(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return piece;
}

int openat2(int base, const char* path) {
    open_how how{};
    how.flags = folderFlags;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    for (;;) {
        const auto fd = ::syscall(SYS_openat2, base, path, &how, sizeof how);
        if (fd >= 0 || (errno != EINTR && errno != EAGAIN)) return static_cast<int>(fd);
    }
}

// The same for one part. Says ELOOP for a symlink, too.
int openPart(int base, const char* part) {
    const int fd = ::openat(base, part, folderFlags | O_NOFOLLOW);
    if (fd >= 0 || errno != ENOTDIR) return fd;
    struct stat found {};
    const bool asked = ::fstatat(base, part, &found, AT_SYMLINK_NOFOLLOW) == 0;
    errno = asked && S_ISLNK(found.st_mode) ? ELOOP : ENOTDIR;
    return fd;
}

using OpenPiece = int (*)(int base, const char* piece);

UniqueFd openPieces(int base, std::string_view path, OpenPiece open, std::size_t longest) {
    UniqueFd folder;
    for (auto rest = path.empty() ? "." : path; !rest.empty();) {
        const auto piece = takePiece(rest, longest);
        UniqueFd next(open(folder ? folder.get() : base, piece.c_str()));
        if (!next && errno == ELOOP) {
            throw Error(ErrorCode::conflict, "a part of " + printable(path) + " is a symlink");
        }
        if (!next) throw Error::fromErrno(errno, "open folder " + printable(path));
        folder = std::move(next);
    }
    return folder;
}

}  // namespace

UniqueFd openFolderBeneath(int base, std::string_view path) {
    static const bool haveOpenat2 = static_cast<bool>(UniqueFd(openat2(AT_FDCWD, ".")));
    if (!haveOpenat2) return openFolderBeneathByParts(base, path);
    return openPieces(base, path, openat2, longestPiece);
}

UniqueFd openFolderBeneathByParts(int base, std::string_view path) {
    return openPieces(base, path, openPart, 0);
}

UniqueFd openOrMakeFolder(std::string_view path) {
    if (path.empty()) throw Error(ErrorCode::invalidArgument, "the path of a target is empty");
    // The folders on the way need not be readable.
    constexpr int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    UniqueFd folder(::open(path.front() == '/' ? "/" : ".", flags));
    for (auto rest = path; folder && !rest.empty();) {
        rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
        if (rest.empty()) break;
        const auto part = takePiece(rest, 0);
        UniqueFd next(::openat(folder.get(), part.c_str(), flags));
        if (!next && errno == ENOENT) {
            if (::mkdirat(folder.get(), part.c_str(), 0700) != 0 && errno != EEXIST) {
                throw Error::fromErrno(errno, "make folder " + printable(path));
            }
            next = UniqueFd(::openat(folder.get(), part.c_str(), flags));
        }
        if (!next) throw Error::fromErrno(errno, "open folder " + printable(path));
        folder = std::move(next);
    }
    UniqueFd readable(::openat(folder.get(), ".", folderFlags));
    if (!readable) throw Error::fromErrno(errno, "open folder " + printable(path));
    return readable;
}

}  // namespace coffer
