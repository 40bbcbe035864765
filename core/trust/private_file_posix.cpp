#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/unique_fd.h"
#include "core/trust/private_file.h"

namespace coffer {

namespace {

std::string parentOf(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// A file that is removed again unless it was put in its place.
class FreshFile {
  public:
    explicit FreshFile(const std::string& target) {
        std::array<std::uint8_t, 8> random{};
        fillRandom(random);
        path_ = target + "." + toHex(random) + ".new";
        file_ = UniqueFd(
            ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!file_) throw Error::fromErrno(errno, "create " + path_);
    }
    ~FreshFile() {
        if (!placed_) ::unlink(path_.c_str());
    }
    FreshFile(const FreshFile&) = delete;
    FreshFile& operator=(const FreshFile&) = delete;

    void write(std::string_view text) {
        while (!text.empty()) {
            const ssize_t written = ::write(file_.get(), text.data(), text.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) throw Error::fromErrno(errno, "write " + path_);
            text.remove_prefix(static_cast<std::size_t>(written));
        }
        if (::fsync(file_.get()) != 0) throw Error::fromErrno(errno, "synchronise " + path_);
    }

    void placeAs(const std::string& target) {
        if (std::rename(path_.c_str(), target.c_str()) != 0) {
            throw Error::fromErrno(errno, "rename to " + target);
        }
        placed_ = true;
    }

  private:
    std::string path_;
    UniqueFd file_;
    bool placed_ = false;
};

}  // namespace

std::string readTextFile(const std::string& path, std::size_t mostMiB) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) throw Error::fromErrno(errno, "open " + path);
    std::string text;
    std::array<char, 4096> block{};
    for (;;) {
        const ssize_t got = ::read(file.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error::fromErrno(errno, "read " + path);
        if (got == 0) return text;
        text.append(block.data(), static_cast<std::size_t>(got));
        if (text.size() > mostMiB << 20) {
            throw Error(ErrorCode::limitExceeded,
                        path + " is larger than " + std::to_string(mostMiB) + " MiB");
        }
    }
}

void writePrivateFile(const std::string& path, std::string_view text) {
    FreshFile fresh(path);
    fresh.write(text);
    fresh.placeAs(path);
    const UniqueFd folder(::open(parentOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0) {
        throw Error::fromErrno(errno, "synchronise " + parentOf(path));
    }
}

void makePrivateFolder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        throw Error::fromErrno(errno, "create " + path);
    }
}

}  // namespace coffer
