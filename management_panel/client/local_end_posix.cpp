#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/base/unique_fd.h"
#include "management_panel/client/local_end.h"
#include "management_panel/client/read_ahead.h"

namespace coffer::client {

namespace {

[[noreturn]] void fail(const std::string& path) {
    throw Error::fromErrno(errno, printable(path));
}

CopyItem::Kind kindOf(mode_t mode) {
    if (S_ISREG(mode)) return CopyItem::Kind::file;
    return S_ISDIR(mode) ? CopyItem::Kind::folder : CopyItem::Kind::other;
}

class LocalWriter : public CopyWriter {
  public:
    LocalWriter(UniqueFd file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

    void append(ByteView data) override {
        while (!data.empty()) {
            const ssize_t written = ::write(file_.get(), data.data(), data.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail(path_);
            data = data.subspan(static_cast<std::size_t>(written));
        }
    }

    void finish() override {
        if (::fsync(file_.get()) != 0 && errno != EINVAL) fail(path_);
    }

    void abandon() override { ::unlink(path_.c_str()); }

  private:
    UniqueFd file_;
    const std::string path_;
};

struct FolderCloser {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

std::optional<CopyItem> LocalEnd::look(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) == 0) {
        return CopyItem{path.substr(path.find_last_of('/') + 1), kindOf(found.st_mode)};
    }
    if (errno == ENOENT) return {};
    fail(path);
}

void LocalEnd::list(const std::string& path, const std::function<void(const CopyItem&)>& take) {
    const std::unique_ptr<DIR, FolderCloser> folder(::opendir(path.c_str()));
    if (!folder) fail(path);
    while (errno = 0, true) {
        const dirent* entry = ::readdir(folder.get());
        if (!entry && errno != 0) fail(path);
        if (!entry) return;
        const std::string name = entry->d_name;
        if (name == "." || name == "..") continue;
        struct stat found {};
        if (::fstatat(::dirfd(folder.get()), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0) {
            fail(path + "/" + name);
        }
        take({name, kindOf(found.st_mode)});
    }
}

void LocalEnd::read(const std::string& path, const std::function<void(ByteView)>& take,
                    const CancelToken& cancel) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) fail(path);
    Bytes buffer(pieceLength);
    while (true) {
        cancel.check();
        const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail(path);
        if (count == 0) return;
        take(ByteView(buffer).first(static_cast<std::size_t>(count)));
    }
}

std::unique_ptr<CopyWriter> LocalEnd::create(const std::string& path) {
    UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!file) fail(path);
    return std::make_unique<LocalWriter>(std::move(file), path);
}

void LocalEnd::makeFolder(const std::string& path) {
    if (::mkdir(path.c_str(), 0777) != 0) fail(path);
}

}  // namespace coffer::client
