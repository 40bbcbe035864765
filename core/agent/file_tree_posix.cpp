#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "core/agent/file_cursor_posix.h"
#include "core/agent/file_eraser_posix.h"
#include "core/agent/file_place_posix.h"
#include "core/agent/file_tree.h"
#include "core/agent/object_path.h"
#include "core/agent/tree_copy.h"
#include "core/base/error.h"
#include "core/base/paths.h"
#include "core/source/file_system_source.h"
#include "core/source/file_system_target.h"
#include "core/source/open_posix.h"
#include "core/source/stat_posix.h"

namespace coffer {

namespace {

constexpr std::size_t longestMessage = 1000;

// Lower layers say the whole path, which may have a million octets.
Error brief(const Error& error) {
    const std::string message = error.what();
    if (message.size() <= longestMessage) return error;
    return {error.code(), message.substr(0, longestMessage / 2) + "..." +
                              message.substr(message.size() - longestMessage / 2)};
}

template <class Work>
decltype(auto) doing(const char* verb, const std::string& path, Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (const Error& error) {
        throw brief(error).within(std::string(verb) + ' ' + shownPath(path));
    }
}

// Throws unless a file can have `size` octets from `offset` on.
void checkStretch(std::uint64_t offset, std::uint64_t size) {
    constexpr std::uint64_t largest = std::numeric_limits<off_t>::max();
    if (offset <= largest && size <= largest - offset) return;
    throw Error(ErrorCode::invalidArgument, "no file goes as far as that");
}

// Runs a system call again as long as a signal interrupts it.
template <class Call>
auto retried(Call&& call) {
    auto result = call();
    while (result < 0 && errno == EINTR) result = call();
    return result;
}

void refuseWithin(const std::string& path, const std::string& target) {
    if (!isWithin(target, path)) return;
    throw Error(ErrorCode::invalidArgument, "the target lies within " + shownPath(path));
}

Error taken(const std::string& target) {
    return {ErrorCode::alreadyExists, "there is something at " + shownPath(target)};
}

// For file systems without RENAME_NOREPLACE: asked first, which leaves a moment for others.
int renameUnlessTaken(const FilePlace& from, const FilePlace& to) {
    if (statAt(to.folder.get(), to.name)) {
        errno = EEXIST;
        return -1;
    }
    return ::renameat(from.folder.get(), from.name.c_str(), to.folder.get(), to.name.c_str());
}

// Part of a copy, also of one that was cancelled. What cannot be taken away stays: why the copy
// failed is the better thing to say.
void takeAway(const FilePlace& place) {
    try {
        const CancelToken never;
        eraseTree(place.folder.get(), place.name, never);
    } catch (const Error&) {
    }
}

}  // namespace

FileTree::FileTree(const CancelToken& cancel)
    : cancel_(cancel), accounts_(std::make_shared<AccountNames>()) {}

FileTree::~FileTree() = default;

ObjectEntry FileTree::stat(const std::string& path) {
    checkObjectPath(path);
    return doing("look at", path, [&] {
        if (path == "/") {
            const UniqueFd root = openFolderPath(path);
            return objectOf(root.get(), statOf(root.get(), ""), *accounts_);
        }
        const FilePlace place = placeOf(path);
        return objectOf(place.folder.get(), statThere(place, path), *accounts_);
    });
}

std::unique_ptr<EntryCursor> FileTree::list(const std::string& path) {
    checkObjectPath(path);
    return doing("list", path,
                 [&] { return std::make_unique<FileCursor>(openFolderPath(path), accounts_); });
}

Bytes FileTree::read(const std::string& path, std::uint64_t offset, std::size_t length) {
    return doing("read", path, [&] {
        const FilePlace place = placeOf(path);
        checkStretch(offset, length);
        const UniqueFd file = openFileThere(place, path, O_RDONLY);
        // Its size is not asked for: files of the kernel have none and content all the same.
        Bytes data(length);
        std::size_t done = 0;
        while (done < data.size()) {
            const ssize_t got = retried([&] {
                return ::pread(file.get(), data.data() + done, data.size() - done,
                               static_cast<off_t>(offset + done));
            });
            if (got < 0) throw Error::fromErrno(errno, "read");
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        data.resize(done);
        return data;
    });
}

void FileTree::write(const std::string& path, std::uint64_t offset, ByteView data) {
    doing("write", path, [&] {
        const FilePlace place = placeOf(path);
        checkStretch(offset, data.size());
        const UniqueFd file = openFileThere(place, path, O_WRONLY);
        while (!data.empty()) {
            const ssize_t put = retried([&] {
                return ::pwrite(file.get(), data.data(), data.size(), static_cast<off_t>(offset));
            });
            if (put < 0) throw Error::fromErrno(errno, "write");
            offset += static_cast<std::uint64_t>(put);
            data = data.subspan(static_cast<std::size_t>(put));
        }
    });
}

void FileTree::resize(const std::string& path, std::uint64_t size) {
    doing("resize", path, [&] {
        const FilePlace place = placeOf(path);
        checkStretch(0, size);
        const UniqueFd file = openFileThere(place, path, O_WRONLY);
        if (retried([&] { return ::ftruncate(file.get(), static_cast<off_t>(size)); }) != 0) {
            throw Error::fromErrno(errno, "set size");
        }
    });
}

void FileTree::createFile(const std::string& path) {
    doing("create", path, [&] {
        const FilePlace place = placeOf(path);
        const UniqueFd file(::openat(place.folder.get(), place.name.c_str(),
                                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!file) throw Error::fromErrno(errno, "make file");
    });
}

void FileTree::createFolder(const std::string& path) {
    doing("create", path, [&] {
        const FilePlace place = placeOf(path);
        if (::mkdirat(place.folder.get(), place.name.c_str(), 0700) != 0) {
            throw Error::fromErrno(errno, "make folder");
        }
    });
}

void FileTree::erase(const std::string& path, bool recursive) {
    doing("erase", path, [&] {
        const FilePlace place = placeOf(path);
        if (recursive) return eraseTree(place.folder.get(), place.name, cancel_);
        const bool folder = statThere(place, path).type == EntryType::folder;
        const int flags = folder ? AT_REMOVEDIR : 0;
        if (::unlinkat(place.folder.get(), place.name.c_str(), flags) == 0) return;
        if (errno == ENOTEMPTY || errno == EEXIST) {
            throw Error(ErrorCode::conflict, "the folder is not empty");
        }
        throw Error::fromErrno(errno, "remove");
    });
}

void FileTree::move(const std::string& path, const std::string& target) {
    doing("move", path, [&] {
        const FilePlace from = placeOf(path);
        const FilePlace to = placeOf(target);
        statThere(from, path);
        refuseWithin(path, target);
        int result = ::renameat2(from.folder.get(), from.name.c_str(), to.folder.get(),
                                 to.name.c_str(), RENAME_NOREPLACE);
        if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {
            result = renameUnlessTaken(from, to);
        }
        if (result == 0) return;
        if (errno == EEXIST || errno == ENOTEMPTY) throw taken(target);
        if (errno == EXDEV) {
            throw Error(ErrorCode::unsupported,
                        shownPath(target) + " is on another file system: copy, then erase");
        }
        throw Error::fromErrno(errno, "to " + shownPath(target));
    });
}

void FileTree::copy(const std::string& path, const std::string& target) {
    doing("copy", path, [&] {
        checkObjectPath(path);
        const FilePlace to = placeOf(target);
        refuseWithin(path, target);
        FileSystemSource source;
        FileSystemTarget there(openNoAtime(to.folder.get(), ".", O_RDONLY | O_DIRECTORY), {});
        TreeCopy copy(source, there, cancel_);
        try {
            copy.run(parentOfObject(path), nameOfObject(path), to.name);
        } catch (const Error&) {
            if (copy.began()) takeAway(to);
            throw;
        }
    });
}

}  // namespace coffer
