#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/base/unique_fd.h"
#include "management_panel/cli/new_file.h"

namespace coffer::cli {

namespace {

// The name is on the disk, too.
bool syncFolderOf(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const UniqueFd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return opened && ::fsync(opened.get()) == 0;
}

bool writeAll(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(file) == 0;
}

}  // namespace

void writeNewFile(const std::string& path, std::string_view text) {
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file && errno == EEXIST) {
        throw Error(ErrorCode::alreadyExists, printable(path) + ": is there already");
    }
    if (!file) throw Error::fromErrno(errno, printable(path));
    if (writeAll(file.get(), text) && syncFolderOf(path)) return;
    const Error error = Error::fromErrno(errno, printable(path));
    ::unlink(path.c_str());
    throw error;
}

}  // namespace coffer::cli
