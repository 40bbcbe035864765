// Loaded by LD_PRELOAD into a program under test. Counts the libc calls by which it changes
// regular files and folders, over all its threads:
//   COFFER_CRASH_AT=N         SIGKILL instead of executing call N (from 1 on)
//   COFFER_CRASH_COUNT=FILE   write the number of calls to FILE at exit
// Every process counts for itself; a forked one goes on from its parent's count. Standard output
// and standard error are not counted, whatever they lead to.

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace {

constinit std::atomic<std::uint64_t> count{0};

std::uint64_t crashPoint() {
    static const std::uint64_t point = [] {
        const char* text = std::getenv("COFFER_CRASH_AT");
        return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
    }();
    return point;
}

void point() {
    if (count.fetch_add(1) + 1 != crashPoint()) return;
    // SIGKILL takes all threads; none may get further before it arrives.
    for (;;) ::syscall(SYS_kill, ::getpid(), SIGKILL);
}

bool countable(mode_t mode) {
    return S_ISREG(mode) || S_ISDIR(mode);
}

// Calls `work` with errno as the program left it afterwards.
template <class Work>
void keepingErrno(Work&& work) {
    const int saved = errno;
    work();
    errno = saved;
}

void countFd(int fd) {
    if (fd == STDOUT_FILENO || fd == STDERR_FILENO) return;
    keepingErrno([&] {
        struct stat status {};
        if (::syscall(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) == 0 &&
            countable(status.st_mode)) {
            point();
        }
    });
}

// An open that makes or empties a file; opening one that exists changes nothing.
void countOpen(int folder, const char* path, int flags) {
    if ((flags & (O_CREAT | O_TRUNC)) == 0 && (flags & O_TMPFILE) != O_TMPFILE) return;
    keepingErrno([&] {
        struct stat status {};
        const bool exists = ::syscall(SYS_newfstatat, folder, path, &status, 0) == 0;
        if (!exists || S_ISDIR(status.st_mode) ||
            (S_ISREG(status.st_mode) && (flags & O_TRUNC) != 0)) {
            point();
        }
    });
}

// The function of the same name that comes after this library.
template <class Function>
Function* next(const char* name) {
    void* found = ::dlsym(RTLD_NEXT, name);
    if (found == nullptr) std::abort();
    Function* function = nullptr;
    static_assert(sizeof function == sizeof found);
    std::memcpy(&function, &found, sizeof function);
    return function;
}

mode_t modeFrom(int flags, va_list arguments) {
    const bool given = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    return given ? va_arg(arguments, mode_t) : 0;
}

void writeCount() {
    const char* path = std::getenv("COFFER_CRASH_COUNT");
    if (path == nullptr) return;
    char text[32];
    const int size =
        std::snprintf(text, sizeof text, "%llu\n", static_cast<unsigned long long>(count.load()));
    const long fd =
        ::syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return;
    ::syscall(SYS_write, fd, text, static_cast<std::size_t>(size));
    ::syscall(SYS_close, fd);
}

struct AtExit {
    ~AtExit() { writeCount(); }
};
const AtExit atExit;

}  // namespace

extern "C" {

// Opening.

int open(const char* path, int flags, ...) {
    static const auto real = next<int(const char*, int, ...)>("open");
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = modeFrom(flags, arguments);
    va_end(arguments);
    countOpen(AT_FDCWD, path, flags);
    return real(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    static const auto real = next<int(const char*, int, ...)>("open64");
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = modeFrom(flags, arguments);
    va_end(arguments);
    countOpen(AT_FDCWD, path, flags);
    return real(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
    static const auto real = next<int(int, const char*, int, ...)>("openat");
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = modeFrom(flags, arguments);
    va_end(arguments);
    countOpen(folder, path, flags);
    return real(folder, path, flags, mode);
}

int openat64(int folder, const char* path, int flags, ...) {
    static const auto real = next<int(int, const char*, int, ...)>("openat64");
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = modeFrom(flags, arguments);
    va_end(arguments);
    countOpen(folder, path, flags);
    return real(folder, path, flags, mode);
}

int creat(const char* path, mode_t mode) {
    return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int creat64(const char* path, mode_t mode) {
    return open64(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

// Inside libc stdio opens by other ways than open(); std::ofstream comes through here.

FILE* fopen(const char* path, const char* how) {
    static const auto real = next<FILE*(const char*, const char*)>("fopen");
    const int flags = how[0] == 'r' ? 0 : how[0] == 'w' ? O_CREAT | O_TRUNC : O_CREAT;
    countOpen(AT_FDCWD, path, flags);
    return real(path, how);
}

FILE* fopen64(const char* path, const char* how) {
    static const auto real = next<FILE*(const char*, const char*)>("fopen64");
    const int flags = how[0] == 'r' ? 0 : how[0] == 'w' ? O_CREAT | O_TRUNC : O_CREAT;
    countOpen(AT_FDCWD, path, flags);
    return real(path, how);
}

// Data.

ssize_t write(int fd, const void* data, size_t size) {
    static const auto real = next<ssize_t(int, const void*, size_t)>("write");
    countFd(fd);
    return real(fd, data, size);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
    static const auto real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
    countFd(fd);
    return real(fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
    static const auto real = next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
    countFd(fd);
    return real(fd, data, size, offset);
}

ssize_t writev(int fd, const iovec* parts, int number) {
    static const auto real = next<ssize_t(int, const iovec*, int)>("writev");
    countFd(fd);
    return real(fd, parts, number);
}

ssize_t pwritev(int fd, const iovec* parts, int number, off_t offset) {
    static const auto real = next<ssize_t(int, const iovec*, int, off_t)>("pwritev");
    countFd(fd);
    return real(fd, parts, number, offset);
}

ssize_t pwritev64(int fd, const iovec* parts, int number, off64_t offset) {
    static const auto real = next<ssize_t(int, const iovec*, int, off64_t)>("pwritev64");
    countFd(fd);
    return real(fd, parts, number, offset);
}

ssize_t copy_file_range(int from, off64_t* fromOffset, int to, off64_t* toOffset, size_t size,
                        unsigned flags) {
    static const auto real =
        next<ssize_t(int, off64_t*, int, off64_t*, size_t, unsigned)>("copy_file_range");
    countFd(to);
    return real(from, fromOffset, to, toOffset, size, flags);
}

int ftruncate(int fd, off_t size) noexcept {
    static const auto real = next<int(int, off_t)>("ftruncate");
    countFd(fd);
    return real(fd, size);
}

int ftruncate64(int fd, off64_t size) noexcept {
    static const auto real = next<int(int, off64_t)>("ftruncate64");
    countFd(fd);
    return real(fd, size);
}

int truncate(const char* path, off_t size) noexcept {
    static const auto real = next<int(const char*, off_t)>("truncate");
    point();
    return real(path, size);
}

int fallocate(int fd, int mode, off_t offset, off_t size) {
    static const auto real = next<int(int, int, off_t, off_t)>("fallocate");
    countFd(fd);
    return real(fd, mode, offset, size);
}

int fallocate64(int fd, int mode, off64_t offset, off64_t size) {
    static const auto real = next<int(int, int, off64_t, off64_t)>("fallocate64");
    countFd(fd);
    return real(fd, mode, offset, size);
}

int posix_fallocate(int fd, off_t offset, off_t size) {
    static const auto real = next<int(int, off_t, off_t)>("posix_fallocate");
    countFd(fd);
    return real(fd, offset, size);
}

int posix_fallocate64(int fd, off64_t offset, off64_t size) {
    static const auto real = next<int(int, off64_t, off64_t)>("posix_fallocate64");
    countFd(fd);
    return real(fd, offset, size);
}

// Durability.

int fsync(int fd) {
    static const auto real = next<int(int)>("fsync");
    countFd(fd);
    return real(fd);
}

int fdatasync(int fd) {
    static const auto real = next<int(int)>("fdatasync");
    countFd(fd);
    return real(fd);
}

// Names.

int rename(const char* from, const char* to) noexcept {
    static const auto real = next<int(const char*, const char*)>("rename");
    point();
    return real(from, to);
}

int renameat(int fromFolder, const char* from, int toFolder, const char* to) noexcept {
    static const auto real = next<int(int, const char*, int, const char*)>("renameat");
    point();
    return real(fromFolder, from, toFolder, to);
}

int renameat2(int fromFolder, const char* from, int toFolder, const char* to,
              unsigned flags) noexcept {
    static const auto real = next<int(int, const char*, int, const char*, unsigned)>("renameat2");
    point();
    return real(fromFolder, from, toFolder, to, flags);
}

int link(const char* from, const char* to) noexcept {
    static const auto real = next<int(const char*, const char*)>("link");
    point();
    return real(from, to);
}

int linkat(int fromFolder, const char* from, int toFolder, const char* to, int flags) noexcept {
    static const auto real = next<int(int, const char*, int, const char*, int)>("linkat");
    point();
    return real(fromFolder, from, toFolder, to, flags);
}

int symlink(const char* target, const char* path) noexcept {
    static const auto real = next<int(const char*, const char*)>("symlink");
    point();
    return real(target, path);
}

int symlinkat(const char* target, int folder, const char* path) noexcept {
    static const auto real = next<int(const char*, int, const char*)>("symlinkat");
    point();
    return real(target, folder, path);
}

int unlink(const char* path) noexcept {
    static const auto real = next<int(const char*)>("unlink");
    point();
    return real(path);
}

int unlinkat(int folder, const char* path, int flags) noexcept {
    static const auto real = next<int(int, const char*, int)>("unlinkat");
    point();
    return real(folder, path, flags);
}

int remove(const char* path) noexcept {
    static const auto real = next<int(const char*)>("remove");
    point();
    return real(path);
}

int rmdir(const char* path) noexcept {
    static const auto real = next<int(const char*)>("rmdir");
    point();
    return real(path);
}

int mkdir(const char* path, mode_t mode) noexcept {
    static const auto real = next<int(const char*, mode_t)>("mkdir");
    point();
    return real(path, mode);
}

int mkdirat(int folder, const char* path, mode_t mode) noexcept {
    static const auto real = next<int(int, const char*, mode_t)>("mkdirat");
    point();
    return real(folder, path, mode);
}

int mkfifoat(int folder, const char* path, mode_t mode) noexcept {
    static const auto real = next<int(int, const char*, mode_t)>("mkfifoat");
    point();
    return real(folder, path, mode);
}

int mknodat(int folder, const char* path, mode_t mode, dev_t device) noexcept {
    static const auto real = next<int(int, const char*, mode_t, dev_t)>("mknodat");
    point();
    return real(folder, path, mode, device);
}

// Attributes.

int utimensat(int folder, const char* path, const timespec times[2], int flags) noexcept {
    static const auto real = next<int(int, const char*, const timespec*, int)>("utimensat");
    point();
    return real(folder, path, times, flags);
}

int futimens(int fd, const timespec times[2]) noexcept {
    static const auto real = next<int(int, const timespec*)>("futimens");
    countFd(fd);
    return real(fd, times);
}

int chmod(const char* path, mode_t mode) noexcept {
    static const auto real = next<int(const char*, mode_t)>("chmod");
    point();
    return real(path, mode);
}

int fchmod(int fd, mode_t mode) noexcept {
    static const auto real = next<int(int, mode_t)>("fchmod");
    countFd(fd);
    return real(fd, mode);
}

int fchmodat(int folder, const char* path, mode_t mode, int flags) noexcept {
    static const auto real = next<int(int, const char*, mode_t, int)>("fchmodat");
    point();
    return real(folder, path, mode, flags);
}

int fchown(int fd, uid_t user, gid_t group) noexcept {
    static const auto real = next<int(int, uid_t, gid_t)>("fchown");
    countFd(fd);
    return real(fd, user, group);
}

int fchownat(int folder, const char* path, uid_t user, gid_t group, int flags) noexcept {
    static const auto real = next<int(int, const char*, uid_t, gid_t, int)>("fchownat");
    point();
    return real(folder, path, user, group, flags);
}

int lchown(const char* path, uid_t user, gid_t group) noexcept {
    static const auto real = next<int(const char*, uid_t, gid_t)>("lchown");
    point();
    return real(path, user, group);
}

int setxattr(const char* path, const char* name, const void* value, size_t size,
             int flags) noexcept {
    static const auto real =
        next<int(const char*, const char*, const void*, size_t, int)>("setxattr");
    point();
    return real(path, name, value, size, flags);
}

int lsetxattr(const char* path, const char* name, const void* value, size_t size,
              int flags) noexcept {
    static const auto real =
        next<int(const char*, const char*, const void*, size_t, int)>("lsetxattr");
    point();
    return real(path, name, value, size, flags);
}

int fsetxattr(int fd, const char* name, const void* value, size_t size, int flags) noexcept {
    static const auto real = next<int(int, const char*, const void*, size_t, int)>("fsetxattr");
    countFd(fd);
    return real(fd, name, value, size, flags);
}

}  // extern "C"
