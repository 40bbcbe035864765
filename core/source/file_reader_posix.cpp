#include "core/source/file_reader_posix.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/source/details_posix.h"
#include "core/source/open_posix.h"
#include "core/source/stat_posix.h"

namespace coffer {

namespace {

constexpr std::uint64_t largeFile = std::uint64_t{1} << 20;
constexpr std::uint64_t largestOffset = std::numeric_limits<off_t>::max();
constexpr std::uint64_t blockUnit = 512;  // of st_blocks

Error replaced(const std::string& name) {
    return {ErrorCode::conflict, printable(name) + " was replaced by another entry"};
}

/// Opens what may be a FIFO or a device by now without waiting for it.
UniqueFd openUnseen(int folder, const std::string& name) {
    UniqueFd fd = openNoAtime(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (fd) return fd;
    if (errno == ELOOP || errno == ENXIO) throw replaced(name);  // a symlink, a socket
    if (errno != EAGAIN) throw Error::fromErrno(errno, "open " + printable(name));

    // Somebody holds a lease. Waiting until it is broken is safe only for a regular file.
    const UniqueFd pinned(::openat(folder, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!pinned || statOf(pinned.get(), name).type != EntryType::file) throw replaced(name);
    const std::string path = "/proc/self/fd/" + std::to_string(pinned.get());
    fd = openNoAtime(AT_FDCWD, path.c_str(), O_RDONLY);
    if (!fd) throw Error::fromErrno(errno, "open " + printable(name));
    return fd;
}

UniqueFd openFile(int folder, const Stat& entry, Stat& opened) {
    checkEntryName(entry.name);
    UniqueFd fd = openUnseen(folder, entry.name);
    opened = statOf(fd.get(), entry.name);
    if (opened.type != EntryType::file || !sameEntry(opened, entry)) throw replaced(entry.name);
    if (opened.size >= largeFile) ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    return fd;
}

/// The next data (SEEK_DATA) or hole (SEEK_HOLE) from `offset` on, `none` when there is none, and
/// nothing when the file system knows no holes.
std::optional<std::uint64_t> seek(int fd, std::uint64_t offset, int what, std::uint64_t none) {
    const off_t found = ::lseek(fd, static_cast<off_t>(offset), what);
    if (found >= 0) return static_cast<std::uint64_t>(found);
    if (errno == ENXIO) return none;
    if (errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS) return std::nullopt;
    throw Error::fromErrno(errno, "look for holes");
}

/// The stretch from `offset` in a file of `size` octets that may have holes; offset < size.
Region sparseRegion(int fd, std::uint64_t offset, std::uint64_t size) {
    const Region allData{size - offset, false};
    const auto data = seek(fd, offset, SEEK_DATA, size);
    if (!data) return allData;
    if (*data > offset) return {std::min(*data, size) - offset, true};
    const auto hole = seek(fd, offset, SEEK_HOLE, size);
    if (!hole || *hole <= offset) return allData;  // punched this very moment: read it as data
    return {std::min(*hole, size) - offset, false};
}

}  // namespace

FileSystemFileReader::FileSystemFileReader(int folder, const Stat& entry,
                                           std::shared_ptr<AccountNames> accounts)
    : fd_(openFile(folder, entry, opened_)), accounts_(std::move(accounts)) {}

Region FileSystemFileReader::regionAt(std::uint64_t offset) {
    struct stat now;
    if (::fstat(fd_.get(), &now) != 0) {
        throw Error::fromErrno(errno, "read size of " + printable(opened_.name));
    }
    const auto size = static_cast<std::uint64_t>(now.st_size);
    if (offset >= size) return {};
    const bool dense = static_cast<std::uint64_t>(now.st_blocks) >= (size - 1) / blockUnit + 1;
    if (dense) return {size - offset, false};
    return during("read " + printable(opened_.name),
                  [&] { return sparseRegion(fd_.get(), offset, size); });
}

std::size_t FileSystemFileReader::readAt(std::uint64_t offset, std::span<std::uint8_t> out) {
    std::size_t done = 0;
    while (done < out.size() && offset <= largestOffset - done) {
        const ssize_t got = ::pread(fd_.get(), out.data() + done, out.size() - done,
                                    static_cast<off_t>(offset + done));
        if (got == 0) break;
        if (got > 0) {
            done += static_cast<std::size_t>(got);
        } else if (errno != EINTR) {
            throw Error::fromErrno(errno, "read " + printable(opened_.name));
        }
    }
    return done;
}

Details FileSystemFileReader::details() {
    return detailsOf(fd_.get(), opened_, *accounts_);
}

Stat FileSystemFileReader::statNow() {
    return statOf(fd_.get(), opened_.name);
}

}  // namespace coffer
