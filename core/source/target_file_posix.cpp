#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/source/target_attributes.h"
#include "core/source/target_file.h"
#include "core/source/target_flags.h"
#include "core/source/target_path.h"

namespace coffer {

namespace {

class TargetFile : public FileWriter {
  public:
    TargetFile(UniqueFd fd, const TargetEntry& entry, std::string path, bool restoreOwner)
        : fd_(std::move(fd)), entry_(entry), path_(std::move(path)), restoreOwner_(restoreOwner) {}

    void writeAt(std::uint64_t offset, ByteView data) override {
        while (!data.empty()) {
            const auto put =
                ::pwrite(fd_.get(), data.data(), data.size(), static_cast<off_t>(offset));
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) throw Error::fromErrno(errno, "write " + printable(path_));
            offset += static_cast<std::uint64_t>(put);
            end_ = std::max(end_, offset);
            data = data.subspan(static_cast<std::size_t>(put));
        }
    }

    std::vector<std::string> finish(const Attributes& attributes) override {
        return onPath("finish", path_, [&] {
            if (end_ != attributes.size &&
                ::ftruncate(fd_.get(), static_cast<off_t>(attributes.size)) != 0) {
                throw Error::fromErrno(errno, "set size");
            }
            auto refused = setAttributes(entry_, attributes, restoreOwner_);
            fd_.close();
            return refused;
        });
    }

  private:
    UniqueFd fd_;
    const TargetEntry entry_;
    const std::string path_;
    const bool restoreOwner_;
    std::uint64_t end_ = 0;  // size as far as it was written
};

std::uint32_t creationMode(const TargetFolder& folder, const Attributes& attributes) {
    std::uint32_t mode = folder.isPrivate() ? attributes.mode & 0777 : 0600;
    // An ordinary user can set extended attributes only on what he may write.
    if (!attributes.xattrs.empty()) mode |= 0600;
    return mode;
}

// Asked once in a folder, and then the same for all files made in it.
Owner ownerOfNewFile(const TargetFolder& folder, int file) {
    if (const auto known = folder.newFileOwner()) return *known;
    struct stat found {};
    if (::fstat(file, &found) != 0) throw Error::fromErrno(errno, "look at new file");
    const Owner owner{found.st_uid, found.st_gid};
    folder.setNewFileOwner(owner);
    return owner;
}

}  // namespace

std::unique_ptr<FileWriter> createTargetFile(const TargetFolder& folder, const std::string& name,
                                             const std::string& path, const Attributes& attributes,
                                             const TargetFileOptions& options) {
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
    const auto mode = creationMode(folder, attributes);
    UniqueFd fd(::openat(folder.fd(), name.c_str(), flags, mode));
    if (!fd) throw Error::fromErrno(errno, "open new file");

    TargetEntry entry;
    entry.fd = fd.get();
    entry.owner = ownerOfNewFile(folder, fd.get());
    entry.clearAcl = folder.hasDefaultAcl();
    if (options.umask && !entry.clearAcl) entry.mode = mode & ~*options.umask;
    setFlagsOfEmptyFile(fd.get(), attributes);
    return std::make_unique<TargetFile>(std::move(fd), entry, path, options.restoreOwner);
}

}  // namespace coffer
