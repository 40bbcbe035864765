#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/agent/object_path.h"
#include "core/agent/trusted_program.h"
#include "core/base/error.h"

namespace coffer {

namespace {

[[noreturn]] void refuse(const std::string& path, const char* why) {
    throw Error(ErrorCode::permissionDenied, shownPath(path) + " " + why);
}

struct stat statOf(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) throw Error::fromErrno(errno, shownPath(path));
    if (S_ISLNK(found.st_mode)) {
        refuse(path, "is a symbolic link: name the program that it leads to");
    }
    if (found.st_uid != 0 && found.st_uid != ::geteuid()) {
        refuse(path, "belongs neither to root nor to the agent's user");
    }
    return found;
}

bool isWritableForOthers(const struct stat& found) {
    return (found.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

void checkFolder(const std::string& path) {
    const struct stat found = statOf(path);
    if (!S_ISDIR(found.st_mode)) refuse(path, "is no folder");
    if (isWritableForOthers(found) && (found.st_mode & S_ISVTX) == 0) {
        refuse(path, "is writable for others, who could replace the program");
    }
}

}  // namespace

void checkTrustedProgram(const std::string& path) {
    checkObjectPath(path);
    for (std::size_t slash = 0; slash != path.npos; slash = path.find('/', slash + 1)) {
        checkFolder(slash == 0 ? "/" : path.substr(0, slash));
    }
    const struct stat found = statOf(path);
    if (!S_ISREG(found.st_mode)) refuse(path, "is no regular file");
    if (isWritableForOthers(found)) refuse(path, "is writable for others");
    if ((found.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0) refuse(path, "is not executable");
}

}  // namespace coffer
