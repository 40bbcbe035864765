#include <fcntl.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/base/unique_fd.h"
#include "core/repository/sqlite_file.h"

namespace coffer {

void makeDatabaseFile(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file && errno != EEXIST) throw Error::fromErrno(errno, "create " + path);
}

}  // namespace coffer
