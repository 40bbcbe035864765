#include <linux/fs.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstdint>

#include "core/base/error.h"
#include "core/source/target_flags.h"

namespace coffer {

namespace {

struct NamedFlag {
    std::uint32_t bit;
    const char* name;
};

// All that an administrator can set; the two that forbid further changes come last.
constexpr NamedFlag settable[] = {
    {FS_SECRM_FL, "secure-deletion"},  {FS_UNRM_FL, "undeletable"},
    {FS_COMPR_FL, "compressed"},       {FS_SYNC_FL, "synchronous"},
    {FS_NODUMP_FL, "no-dump"},         {FS_NOATIME_FL, "no-access-time"},
    {FS_NOCOMP_FL, "uncompressed"},    {FS_JOURNAL_DATA_FL, "journalled-data"},
    {FS_NOTAIL_FL, "no-tail-merging"}, {FS_DIRSYNC_FL, "synchronous-folder"},
    {FS_TOPDIR_FL, "top-folder"},      {FS_NOCOW_FL, "no-copy-on-write"},
    {FS_DAX_FL, "direct-access"},      {FS_PROJINHERIT_FL, "project-inheritance"},
    {FS_APPEND_FL, "append-only"},     {FS_IMMUTABLE_FL, "immutable"},
};

constexpr std::uint32_t flagsOfEmptyFile = FS_NOCOW_FL | FS_COMPR_FL | FS_NOCOMP_FL;
constexpr std::uint32_t protection = FS_IMMUTABLE_FL | FS_APPEND_FL;

std::uint32_t settableFlags(const Attributes& wanted) {
    std::uint32_t all = 0;
    for (const auto& flag : settable) all |= flag.bit;
    return wanted.inodeFlags.value_or(0) & all;
}

// The calls take an int, whatever the long in their definition says.
bool getFlags(int fd, std::uint32_t& flags) {
    return ::ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0;
}

bool setFlags(int fd, std::uint32_t flags) {
    return ::ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
}

void refuse(const char* flag, std::vector<std::string>& refused) {
    const int why = errno;
    const auto error = Error::fromErrno(why, std::string("inode flag ") + flag);
    if (why == ENOSPC || why == EDQUOT || why == EIO) throw error;
    refused.emplace_back(error.what());
}

}  // namespace

void setInodeFlags(int fd, const Attributes& wanted, std::vector<std::string>& refused) {
    const auto flags = settableFlags(wanted);
    if (flags == 0) return;
    std::uint32_t current = 0;
    const bool known = getFlags(fd, current);
    if (known && ((current & flags) == flags || setFlags(fd, current | flags))) return;

    // A file system refuses all of them for the sake of one.
    for (const auto& flag : settable) {
        if ((flags & ~current & flag.bit) == 0) continue;
        if (known && setFlags(fd, current | flag.bit)) {
            current |= flag.bit;
        } else {
            refuse(flag.name, refused);
        }
    }
}

void setFlagsOfEmptyFile(int fd, const Attributes& wanted) {
    const auto flags = settableFlags(wanted) & flagsOfEmptyFile;
    std::uint32_t current = 0;
    if (flags != 0 && getFlags(fd, current)) setFlags(fd, current | flags);
}

ProtectionLift::ProtectionLift(int fd) : fd_(fd) {
    std::uint32_t flags = 0;
    if (!getFlags(fd, flags) || (flags & protection) == 0) return;
    if (!setFlags(fd, flags & ~protection)) throw Error::fromErrno(errno, "lift protection");
    lifted_ = flags & protection;
}

ProtectionLift::~ProtectionLift() {
    std::uint32_t flags = 0;
    if (lifted_ != 0 && getFlags(fd_, flags)) setFlags(fd_, flags | lifted_);
}

}  // namespace coffer
