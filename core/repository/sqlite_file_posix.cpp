#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "core/base/error.h"
#include "core/base/unique_fd.h"
#include "core/repository/sqlite_file.h"
#include "core/storage/disk.h"

namespace coffer {

namespace {

void synchronise(const std::string& path, int flags) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
    if (!file || ::fsync(file.get()) != 0) throw Error::fromErrno(errno, "synchronise " + path);
}

}  // namespace

void makeDatabaseFile(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file && errno != EEXIST) throw Error::fromErrno(errno, "create " + path);
}

DatabaseFileId databaseFileId(const std::string& path) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) throw Error::fromErrno(errno, "look at " + path);
    return {facts.st_dev, facts.st_ino};
}

// The file itself last: what lies beside one must never meet another one of its name.
std::error_code removeDatabaseFile(const std::string& path) {
    std::error_code first;
    for (const char* suffix : {"-wal", "-shm", ""}) {
        if (::unlink((path + suffix).c_str()) == 0 || errno == ENOENT || first) continue;
        first = std::error_code(errno, std::generic_category());
    }
    return first;
}

FreshDatabaseFile::FreshDatabaseFile(std::string path) : path_(std::move(path)) {
    if (::unlink(path_.c_str()) != 0 && errno != ENOENT) {
        throw Error::fromErrno(errno, "remove " + path_);
    }
    makeDatabaseFile(path_);
}

FreshDatabaseFile::~FreshDatabaseFile() {
    ::unlink(path_.c_str());
}

void FreshDatabaseFile::placeAs(const std::string& path) const {
    synchronise(path_, 0);
    if (std::rename(path_.c_str(), path.c_str()) != 0) {
        throw Error::fromErrno(errno, "rename to " + path);
    }
    synchronise(parentOf(path), O_DIRECTORY);
}

}  // namespace coffer
