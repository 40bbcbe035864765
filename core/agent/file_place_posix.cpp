#include "core/agent/file_place_posix.h"

#include <fcntl.h>

#include <cerrno>

#include "core/agent/object_path.h"
#include "core/base/error.h"
#include "core/source/open_posix.h"
#include "core/source/stat_posix.h"

namespace coffer {

namespace {

Error noFile(const std::string& path) {
    return {ErrorCode::unsupported, shownPath(path) + " is not a file with content"};
}

}  // namespace

FilePlace placeOf(const std::string& path) {
    checkObjectPath(path);
    if (path == "/") throw Error(ErrorCode::invalidArgument, "the root cannot be changed");
    return {openFolderPath(parentOfObject(path)), nameOfObject(path)};
}

Stat statThere(const FilePlace& place, const std::string& path) {
    if (auto found = statAt(place.folder.get(), place.name)) return *found;
    throw Error(ErrorCode::notFound, "there is no " + shownPath(path));
}

UniqueFd openFileThere(const FilePlace& place, const std::string& path, int flags) {
    // Asked before, because opening some devices does something; and once more when it is open.
    if (statThere(place, path).type != EntryType::file) throw noFile(path);
    // Without O_NONBLOCK a named pipe that came meanwhile would hold us up.
    UniqueFd fd(::openat(place.folder.get(), place.name.c_str(),
                         flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd && errno == ELOOP) throw noFile(path);
    if (!fd) throw Error::fromErrno(errno, "open " + shownPath(path));
    if (statOf(fd.get(), place.name).type != EntryType::file) throw noFile(path);
    return fd;
}

}  // namespace coffer
