#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/base/error.h"
#include "core/base/unique_fd.h"
#include "core/storage/disk.h"

namespace coffer {

namespace {

[[noreturn]] void fail(int number, std::string_view verb, const std::string& path) {
    throw Error::fromErrno(number, std::string(verb) + " " + path);
}

// Runs a system call again as long as a signal interrupts it.
template <class Call>
auto retried(Call&& call) {
    auto result = call();
    while (result < 0 && errno == EINTR) result = call();
    return result;
}

/// A folder opened part by part, so that no symbolic link on the way is followed, and the last
/// part of the path in it.
struct Place {
    UniqueFd folder;
    std::string name;
};

Place placeOf(const std::string& path, std::string_view verb) {
    constexpr int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    Place place{UniqueFd(::open("/", flags)), "."};
    if (!place.folder) fail(errno, verb, path);
    for (std::size_t start = 0; start < path.size();) {
        const std::size_t end = std::min(path.find('/', start), path.size());
        std::string part = path.substr(start, end - start);
        start = end + 1;
        if (part.empty()) continue;
        if (place.name != ".") {
            UniqueFd next(::openat(place.folder.get(), place.name.c_str(), flags));
            if (!next) fail(errno == ELOOP ? ENOTDIR : errno, verb, path);
            place.folder = std::move(next);
        }
        place.name = std::move(part);
    }
    return place;
}

DiskEntry entryOf(std::string name, const struct stat& status) {
    DiskEntry entry{std::move(name)};
    if (S_ISDIR(status.st_mode)) entry.kind = DiskKind::folder;
    if (S_ISREG(status.st_mode)) {
        entry.kind = DiskKind::file;
        entry.size = static_cast<std::uint64_t>(status.st_size);
    }
    return entry;
}

UniqueFd openFolder(const std::string& path, std::string_view verb) {
    const Place place = placeOf(path, verb);
    UniqueFd fd(retried([&] {
        return ::openat(place.folder.get(), place.name.c_str(),
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }));
    if (!fd) fail(errno == ELOOP ? ENOTDIR : errno, verb, path);
    return fd;
}

class PosixWriter : public DiskWriter {
  public:
    PosixWriter(UniqueFd fd, const std::string& path) : fd_(std::move(fd)), path_(path) {}

    void write(ByteView data) override {
        while (!data.empty()) {
            const ssize_t written =
                retried([&] { return ::write(fd_.get(), data.data(), data.size()); });
            if (written < 0) fail(errno, "write", path_);
            data = data.subspan(static_cast<std::size_t>(written));
            length_ += written;
        }
        startWriteBack();
    }

    void sync() override {
        if (retried([&] { return ::fsync(fd_.get()); }) != 0) fail(errno, "sync", path_);
    }

  private:
    // Of a large file the disk gets parts early, so that sync() has little left to wait for, which
    // also tells of what went wrong with them.
    void startWriteBack() {
        constexpr off_t part = 8 << 20;
        if (length_ - begun_ < part) return;
        ::sync_file_range(fd_.get(), begun_, length_ - begun_, SYNC_FILE_RANGE_WRITE);
        begun_ = length_;
    }

    const UniqueFd fd_;
    const std::string path_;
    off_t length_ = 0;  // written so far
    off_t begun_ = 0;   // of it on the way to the disk
};

class PosixReader : public DiskReader {
  public:
    PosixReader(UniqueFd fd, const std::string& path) : fd_(std::move(fd)), path_(path) {}

    std::size_t read(std::uint64_t offset, std::span<std::uint8_t> out) override {
        std::size_t done = 0;
        while (done < out.size() && std::in_range<off_t>(offset + done)) {
            const ssize_t got = retried([&] {
                return ::pread(fd_.get(), out.data() + done, out.size() - done,
                               static_cast<off_t>(offset + done));
            });
            if (got < 0) fail(errno, "read", path_);
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        return done;
    }

    // A count of its names would not tell: another may be left, or be NFS's for an open file.
    bool named() override {
        struct stat mine {
        }, there{};
        if (::fstat(fd_.get(), &mine) != 0) fail(errno, "look at", path_);
        if (::lstat(path_.c_str(), &there) != 0) {
            if (errno == ENOENT || errno == ENOTDIR) return false;
            fail(errno, "look at", path_);
        }
        return mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
    }

  private:
    const UniqueFd fd_;
    const std::string path_;
};

// For file systems without renameat2. A crash between the two leaves the old name as well.
int linkAndUnlink(const Place& from, const Place& to) {
    if (::linkat(from.folder.get(), from.name.c_str(), to.folder.get(), to.name.c_str(), 0) != 0) {
        return -1;
    }
    return ::unlinkat(from.folder.get(), from.name.c_str(), 0);
}

class PosixDisk : public Disk {
  public:
    explicit PosixDisk(DiskAccess access)
        : fileMode_(access == DiskAccess::group ? 0660 : 0600),
          folderMode_(access == DiskAccess::group ? 0770 : 0700) {}

    std::string canonical(const std::string& path) override {
        std::error_code error;
        const std::filesystem::path absolute = std::filesystem::absolute(path, error);
        if (error) fail(error.value(), "resolve", path);
        std::string result = std::filesystem::weakly_canonical(absolute, error).string();
        if (error) fail(error.value(), "resolve", path);
        while (result.size() > 1 && result.ends_with('/')) result.pop_back();
        return result;
    }

    std::unique_ptr<DiskWriter> create(const std::string& path) override {
        const Place place = placeOf(path, "create");
        UniqueFd fd(retried([&] {
            return ::openat(place.folder.get(), place.name.c_str(),
                            O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
                            fileMode_);
        }));
        if (!fd) fail(errno, "create", path);
        return std::make_unique<PosixWriter>(std::move(fd), path);
    }

    std::shared_ptr<DiskReader> open(const std::string& path) override {
        const Place place = placeOf(path, "open");
        // Without O_NONBLOCK a foreign named pipe would hold us up.
        UniqueFd fd(retried([&] {
            return ::openat(place.folder.get(), place.name.c_str(),
                            O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        }));
        if (!fd) fail(errno == ELOOP ? ENOENT : errno, "open", path);
        struct stat status {};
        if (::fstat(fd.get(), &status) != 0) fail(errno, "open", path);
        if (!S_ISREG(status.st_mode)) throw Error(ErrorCode::notFound, path + " is not a file");
        return std::make_shared<PosixReader>(std::move(fd), path);
    }

    void rename(const std::string& from, const std::string& to) override {
        const Place source = placeOf(from, "rename");
        const Place target = placeOf(to, "rename to");
        if (::renameat(source.folder.get(), source.name.c_str(), target.folder.get(),
                       target.name.c_str()) != 0) {
            fail(errno, "rename to", to);
        }
    }

    void publish(const std::string& from, const std::string& to) override {
        const Place source = placeOf(from, "publish");
        const Place target = placeOf(to, "publish as");
        int result = ::renameat2(source.folder.get(), source.name.c_str(), target.folder.get(),
                                 target.name.c_str(), RENAME_NOREPLACE);
        if (result != 0 && (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP)) {
            result = linkAndUnlink(source, target);
        }
        if (result != 0) fail(errno, "publish as", to);
    }

    void unlink(const std::string& path) override {
        const Place place = placeOf(path, "unlink");
        if (::unlinkat(place.folder.get(), place.name.c_str(), 0) != 0) {
            fail(errno == EISDIR ? ENOENT : errno, "unlink", path);
        }
    }

    bool makeFolder(const std::string& path) override {
        const Place place = placeOf(path, "make folder");
        if (::mkdirat(place.folder.get(), place.name.c_str(), folderMode_) == 0) return true;
        const int number = errno;
        const std::optional<DiskEntry> entry = statAt(place, path);
        if (number == EEXIST && entry && entry->kind == DiskKind::folder) return false;
        fail(number, "make folder", path);
    }

    // Some file systems cannot sync a folder and say so; they are as durable as they get.
    void syncFolder(const std::string& path) override {
        const UniqueFd fd = openFolder(path, "sync");
        if (retried([&] { return ::fsync(fd.get()); }) == 0) return;
        if (errno != EINVAL && errno != ENOTSUP) fail(errno, "sync", path);
    }

    std::optional<DiskEntry> stat(const std::string& path) override {
        try {
            return statAt(placeOf(path, "look at"), path);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::notFound) return std::nullopt;
            throw;
        }
    }

    std::vector<DiskEntry> list(const std::string& path) override {
        UniqueFd fd = openFolder(path, "list");
        struct Closer {
            void operator()(DIR* folder) const { ::closedir(folder); }
        };
        // The stream owns a descriptor of its own; ours stays for statAt.
        Place place{std::move(fd), {}};
        const int streamFd = ::fcntl(place.folder.get(), F_DUPFD_CLOEXEC, 0);
        const std::unique_ptr<DIR, Closer> stream(streamFd < 0 ? nullptr : ::fdopendir(streamFd));
        if (!stream) {
            const UniqueFd closed(streamFd);
            fail(errno, "list", path);
        }
        std::vector<DiskEntry> entries;
        for (errno = 0; const dirent* found = ::readdir(stream.get()); errno = 0) {
            place.name = found->d_name;
            if (place.name == "." || place.name == "..") continue;
            if (std::optional<DiskEntry> entry = statAt(place, path)) {
                entries.push_back(std::move(*entry));
            }
        }
        if (errno != 0) fail(errno, "list", path);
        return entries;
    }

    std::optional<std::uint64_t> freeSpace(const std::string& path) override {
        struct statvfs status {};
        if (::statvfs(path.c_str(), &status) != 0) return {};
        return std::uint64_t{status.f_bavail} * status.f_frsize;
    }

  private:
    static std::optional<DiskEntry> statAt(const Place& place, const std::string& path) {
        struct stat status {};
        if (::fstatat(place.folder.get(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
            return entryOf(place.name, status);
        }
        if (errno == ENOENT) return std::nullopt;
        fail(errno, "look at", path + "/" + place.name);
    }

    const mode_t fileMode_;
    const mode_t folderMode_;
};

}  // namespace

std::unique_ptr<Disk> makeSystemDisk(DiskAccess access) {
    return std::make_unique<PosixDisk>(access);
}

}  // namespace coffer
