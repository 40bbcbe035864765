#include "core/source/folder_posix.h"

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "core/base/error.h"
#include "core/source/details_posix.h"
#include "core/source/file_reader_posix.h"
#include "core/source/stat_posix.h"

namespace coffer {

namespace {

constexpr std::size_t listBuffer = std::size_t{64} << 10;

/// Hands out the names in what getdents64(2) filled in.
void eachName(const char* records, std::size_t size,
              const std::function<void(std::string_view name)>& each) {
    std::size_t at = 0;
    while (at < size) {
        unsigned short length = 0;
        std::memcpy(&length, records + at + offsetof(dirent64, d_reclen), sizeof length);
        const std::string_view name(records + at + offsetof(dirent64, d_name));
        if (name != "." && name != "..") each(name);
        at += length;
    }
}

}  // namespace

FileSystemFolder::FileSystemFolder(UniqueFd fd, std::shared_ptr<AccountNames> accounts)
    : fd_(std::move(fd)), accounts_(std::move(accounts)) {}

void FileSystemFolder::list(const std::function<void(std::string_view name)>& each) {
    const auto fail = [](int number) { throw Error::fromErrno(number, "list folder"); };
    if (::lseek(fd_.get(), 0, SEEK_SET) != 0) fail(errno);
    const auto buffer = std::make_unique_for_overwrite<char[]>(listBuffer);
    for (;;) {
        const long size = ::syscall(SYS_getdents64, fd_.get(), buffer.get(), listBuffer);
        if (size == 0 || (size < 0 && errno == ENOENT)) return;  // the folder itself was removed
        if (size < 0 && errno != EINTR) fail(errno);
        if (size > 0) eachName(buffer.get(), static_cast<std::size_t>(size), each);
    }
}

std::optional<Stat> FileSystemFolder::stat(const std::string& name) {
    return statAt(fd_.get(), name);
}

Stat FileSystemFolder::statSelf() {
    return statOf(fd_.get(), "");
}

Details FileSystemFolder::detailsSelf() {
    return detailsOf(fd_.get(), statSelf(), *accounts_);
}

Details FileSystemFolder::details(const Stat& entry) {
    return detailsAt(fd_.get(), entry, *accounts_);
}

std::unique_ptr<FileReader> FileSystemFolder::open(const Stat& entry) {
    return std::make_unique<FileSystemFileReader>(fd_.get(), entry, accounts_);
}

}  // namespace coffer
