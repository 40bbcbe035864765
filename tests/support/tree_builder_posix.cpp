#include "tests/support/tree_builder.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

UniqueFd openRoot(const std::string& folder) {
    if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
        throw Error::fromErrno(errno, "make " + printable(folder));
    }
    UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) throw Error::fromErrno(errno, "open " + printable(folder));
    return fd;
}

UniqueFd createFile(int root, const std::string& path) {
    UniqueFd fd(::openat(root, path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!fd) throw Error::fromErrno(errno, "create " + printable(path));
    return fd;
}

void writeAll(int fd, ByteView data, std::uint64_t offset) {
    while (!data.empty()) {
        const ssize_t done = ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
        if (done < 0) throw Error::fromErrno(errno, "write into tree");
        data = data.subspan(static_cast<std::size_t>(done));
        offset += static_cast<std::uint64_t>(done);
    }
}

}  // namespace

std::uint64_t Dice::next() {
    state_ += 0x9E3779B97F4A7C15u;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
}

Bytes randomContent(Dice& dice, std::size_t size) {
    Bytes content(size);
    for (std::size_t at = 0; at < size; at += 8) {
        const std::uint64_t value = dice.next();
        std::memcpy(content.data() + at, &value, std::min<std::size_t>(8, size - at));
    }
    return content;
}

Bytes textContent(Dice& dice, std::size_t size) {
    constexpr std::array<std::string_view, 8> words{"backup ", "of ",     "files\n", "restore ",
                                                    "every ",  "octet. ", "line\n",  "again "};
    Bytes content;
    content.reserve(size + 16);
    while (content.size() < size) append(content, bytesOf(words[dice.below(words.size())]));
    content.resize(size);
    return content;
}

TreeBuilder::TreeBuilder(const std::string& folder) : root_(openRoot(folder)) {}

bool TreeBuilder::note(bool done, const std::string& path, std::string_view what) {
    if (done) return true;
    skipped_.push_back(printable(path) + ": " + std::string(what) + ": " + std::strerror(errno));
    return false;
}

std::string TreeBuilder::absolute(const std::string& path) const {
    return "/proc/self/fd/" + std::to_string(root_.get()) + "/" + path;
}

void TreeBuilder::addMade(const std::string& path) {
    ++made_;
    paths_.push_back(path);
}

void TreeBuilder::folder(const std::string& path) {
    if (::mkdirat(root_.get(), path.c_str(), 0755) != 0) {
        throw Error::fromErrno(errno, "make folder " + printable(path));
    }
    addMade(path);
}

void TreeBuilder::file(const std::string& path, ByteView content) {
    const UniqueFd fd = createFile(root_.get(), path);
    writeAll(fd.get(), content, 0);
    addMade(path);
}

void TreeBuilder::sparseFile(const std::string& path, std::uint64_t size,
                             const std::vector<Stretch>& stretches) {
    const UniqueFd fd = createFile(root_.get(), path);
    addMade(path);
    const bool sized = ::ftruncate(fd.get(), static_cast<off_t>(size)) == 0;
    if (!note(sized, path, "size " + std::to_string(size))) return;
    for (const Stretch& stretch : stretches) writeAll(fd.get(), stretch.data, stretch.offset);
}

void TreeBuilder::symlink(const std::string& path, const std::string& target) {
    const bool done = ::symlinkat(target.c_str(), root_.get(), path.c_str()) == 0;
    if (note(done, path, "symlink")) addMade(path);
}

void TreeBuilder::node(const std::string& path, unsigned typeAndMode, unsigned major,
                       unsigned minor) {
    const dev_t device = makedev(major, minor);
    const bool done = ::mknodat(root_.get(), path.c_str(), typeAndMode, device) == 0;
    if (note(done, path, "special entry")) addMade(path);
}

void TreeBuilder::link(const std::string& existing, const std::string& path) {
    const bool done = ::linkat(root_.get(), existing.c_str(), root_.get(), path.c_str(), 0) == 0;
    if (note(done, path, "hard link")) addMade(path);
}

void TreeBuilder::deepFolders(const std::string& path, const std::string& name, unsigned levels) {
    folder(path);
    std::vector<UniqueFd> open;
    const auto enter = [&](int parent, const std::string& inner) {
        open.emplace_back(::openat(parent, inner.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        return note(static_cast<bool>(open.back()), path, "enter a level");
    };
    if (!enter(root_.get(), path)) return;
    for (unsigned level = 0; level < levels; ++level) {
        const int parent = open.back().get();
        if (!note(::mkdirat(parent, name.c_str(), 0755) == 0, path, "make a level")) return;
        ++made_;
        if (!enter(parent, name)) return;
    }
    const int bottom = open.back().get();
    const UniqueFd file = createFile(bottom, "file");
    writeAll(file.get(), bytesOf("deep down\n"), 0);
    note(::linkat(bottom, "file", bottom, "same file", 0) == 0, path, "link at the bottom");
    made_ += 2;
    const timespec times[2] = {{1'234'567'890, 1}, {1'234'567'890, 1}};
    ::futimens(file.get(), times);
    for (auto folder = open.rbegin(); folder != open.rend(); ++folder) {
        ::futimens(folder->get(), times);
    }
}

void TreeBuilder::mode(const std::string& path, unsigned mode) {
    note(::fchmodat(root_.get(), path.c_str(), mode, 0) == 0, path, "mode");
}

void TreeBuilder::owner(const std::string& path, std::uint32_t uid, std::uint32_t gid) {
    note(::fchownat(root_.get(), path.c_str(), uid, gid, AT_SYMLINK_NOFOLLOW) == 0, path, "owner");
}

void TreeBuilder::time(const std::string& path, std::int64_t seconds, std::uint32_t nanoseconds) {
    const timespec wanted{seconds, static_cast<long>(nanoseconds)};
    const timespec both[2] = {wanted, wanted};
    const bool done = ::utimensat(root_.get(), path.c_str(), both, AT_SYMLINK_NOFOLLOW) == 0;
    if (!note(done, path, "time")) return;
    struct stat now;
    errno = ERANGE;  // out of the file system's range, it is set to the nearest
    note(::fstatat(root_.get(), path.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0 &&
             now.st_mtim.tv_sec == seconds,
         path, "time " + std::to_string(seconds));
}

bool TreeBuilder::xattr(const std::string& path, const std::string& name, ByteView value) {
    const std::string place = absolute(path);
    const bool done = ::lsetxattr(place.c_str(), name.c_str(), value.data(), value.size(), 0) == 0;
    return note(done, path, "extended attribute " + printable(name));
}

void TreeBuilder::flags(const std::string& path, unsigned flags) {
    const UniqueFd fd(::openat(root_.get(), path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    unsigned now = 0;
    const bool done = fd && ::ioctl(fd.get(), FS_IOC_GETFLAGS, &now) == 0 &&
                      ::ioctl(fd.get(), FS_IOC_SETFLAGS, &(now |= flags)) == 0;
    note(done, path, "inode flags");
}

}  // namespace coffer
