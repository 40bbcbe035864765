#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/source/open_beneath.h"
#include "rescue/repository_folder.h"

namespace coffer::rescue {

namespace {

// Without waiting for a FIFO that somebody put there.
constexpr int readOnly = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

}  // namespace

RepositoryObject::RepositoryObject(UniqueFd fd) : fd_(std::move(fd)) {
    struct stat now {};
    if (::fstat(fd_.get(), &now) != 0) throw Error::fromErrno(errno, "stat");
    if (!S_ISREG(now.st_mode)) throw Error(ErrorCode::notFound, "not a regular file");
    size_ = static_cast<std::uint64_t>(now.st_size);
}

void RepositoryObject::read(std::uint64_t offset, std::span<std::uint8_t> out) const {
    while (!out.empty()) {
        const auto got = ::pread(fd_.get(), out.data(), out.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error::fromErrno(errno, "read");
        if (got == 0) throw Error(ErrorCode::corrupt, "the file ends too early");
        out = out.subspan(static_cast<std::size_t>(got));
        offset += static_cast<std::uint64_t>(got);
    }
}

Bytes RepositoryObject::read(std::uint64_t offset, std::size_t size) const {
    if (offset > size_ || size > size_ - offset) {
        throw Error(ErrorCode::corrupt, "the file ends too early");
    }
    Bytes octets(size);
    read(offset, octets);
    return octets;
}

RepositoryFolder::RepositoryFolder(const std::string& path)
    : root_(::open(path.c_str(), readOnly | O_DIRECTORY)) {
    if (!root_) throw Error::fromErrno(errno, "open repository " + printable(path));
}

RepositoryObject RepositoryFolder::open(const std::string& name) const {
    const auto cut = name.rfind('/');
    const bool top = cut == std::string::npos;
    const auto folder = openFolderBeneath(root_.get(), top ? "" : name.substr(0, cut));
    const auto last = top ? name : name.substr(cut + 1);
    UniqueFd fd(::openat(folder.get(), last.c_str(), readOnly | O_NOFOLLOW));
    if (!fd) throw Error::fromErrno(errno, "open");
    return RepositoryObject(std::move(fd));
}

Bytes RepositoryFolder::readAll(const std::string& name, std::size_t limit) const {
    const auto object = open(name);
    if (object.size() > limit) throw Error(ErrorCode::corrupt, "too large");
    return object.read(0, static_cast<std::size_t>(object.size()));
}

std::vector<std::string> RepositoryFolder::list(const std::string& folder,
                                                std::size_t length) const {
    const auto fd = openFolderBeneath(root_.get(), folder);
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(
        ::fdopendir(::openat(fd.get(), ".", readOnly | O_DIRECTORY)), ::closedir);
    if (!entries) throw Error::fromErrno(errno, "list " + folder);
    std::vector<std::string> names;
    for (;;) {
        errno = 0;
        const auto* entry = ::readdir(entries.get());
        if (!entry) break;
        const std::string_view name = entry->d_name;
        if (name.size() == length && !name.starts_with('.')) names.emplace_back(name);
    }
    if (errno != 0) throw Error::fromErrno(errno, "list " + folder);
    std::sort(names.begin(), names.end());
    return names;
}

Bytes readFile(const std::string& path, std::size_t limit) {
    return during("read " + printable(path), [&] {
        UniqueFd fd(::open(path.c_str(), readOnly));
        if (!fd) throw Error::fromErrno(errno, "open");
        const RepositoryObject file(std::move(fd));
        if (file.size() > limit) throw Error(ErrorCode::invalidArgument, "too large");
        return file.read(0, static_cast<std::size_t>(file.size()));
    });
}

}  // namespace coffer::rescue
