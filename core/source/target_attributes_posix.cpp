#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/source/target_attributes.h"
#include "core/source/target_flags.h"

namespace coffer {

namespace {

constexpr std::string_view accessAcl = "system.posix_acl_access";
constexpr std::string_view defaultAcl = "system.posix_acl_default";

bool isAcl(std::string_view xattr) {
    return xattr == accessAcl || xattr == defaultAcl;
}

// Sets the attributes of one entry and collects what was refused.
class Setter {
  public:
    Setter(const TargetEntry& entry, const Attributes& wanted)
        : entry_(entry), wanted_(wanted), viaProc_("/proc/self/fd/" + std::to_string(entry.fd)) {}

    std::vector<std::string> run(bool restoreOwner) {
        if (restoreOwner) setOwner();
        if (entry_.clearAcl) removeInheritedAcl();
        setXattrs(false);  // before the mode, which may forbid it to an ordinary user
        if (wanted_.type != EntryType::symlink) setMode();
        setXattrs(true);  // after the mode, which changes an ACL's mask
        setTime();
        if (!entry_.isHandle) setInodeFlags(entry_.fd, wanted_, refused_);
        return std::move(refused_);
    }

  private:
    // Takes a refusal down; a full or broken disk ends the restore.
    void refuse(int why, const std::string& what) {
        const auto error = Error::fromErrno(why, what);
        if (why == ENOSPC || why == EDQUOT || why == EIO) throw error;
        refused_.emplace_back(error.what());
    }

    void setOwner() {
        const Owner wanted{wanted_.uid, wanted_.gid};
        if (entry_.owner == wanted) return;
        const int rc = ::fchownat(entry_.fd, "", wanted.uid, wanted.gid, AT_EMPTY_PATH);
        if (rc == 0) {
            entry_.owner = wanted;
        } else {
            refuse(errno, "owner " + std::to_string(wanted.uid) + ':' + std::to_string(wanted.gid));
        }
    }

    void removeInheritedAcl() {
        for (const auto acl : {accessAcl, defaultAcl}) {
            if (acl == defaultAcl && wanted_.type != EntryType::folder) continue;
            const int rc = entry_.isHandle ? ::removexattr(viaProc_.c_str(), acl.data())
                                           : ::fremovexattr(entry_.fd, acl.data());
            if (rc != 0 && errno != ENODATA && errno != EOPNOTSUPP) {
                refuse(errno, "inherited " + std::string(acl));
            }
        }
        entry_.mode = TargetEntry::unknownMode;
    }

    void setXattrs(bool acls) {
        for (const auto& xattr : wanted_.xattrs) {
            if (isAcl(xattr.name) == acls) setXattr(xattr);
        }
    }

    void setXattr(const Xattr& xattr) {
        const auto* name = xattr.name.c_str();
        const auto& value = xattr.value;
        const int rc = entry_.isHandle
                           ? ::setxattr(viaProc_.c_str(), name, value.data(), value.size(), 0)
                           : ::fsetxattr(entry_.fd, name, value.data(), value.size(), 0);
        if (rc == 0) return;
        const int why = errno;
        const auto what = "extended attribute " + printable(xattr.name);
        if (why == ENOSPC && diskHasRoom()) {
            refused_.push_back(what + ": too large for the file system");
        } else {
            refuse(why, what);
        }
    }

    // ext4 says ENOSPC, too, when an inode's room for attributes is used up.
    bool diskHasRoom() const {
        struct statfs disk {};
        return ::fstatfs(entry_.fd, &disk) == 0 && disk.f_bavail > 64;
    }

    void setMode() {
        auto mode = wanted_.mode & 07777;
        if (wanted_.type != EntryType::folder) {
            mode = leaveOut(mode, S_ISUID, entry_.owner.uid != wanted_.uid, "set-user-id bit");
            mode = leaveOut(mode, S_ISGID, entry_.owner.gid != wanted_.gid, "set-group-id bit");
        }
        if (mode == entry_.mode) return;
        const int rc =
            entry_.isHandle ? ::chmod(viaProc_.c_str(), mode) : ::fchmod(entry_.fd, mode);
        if (rc != 0) refuse(errno, "permission bits");
    }

    std::uint32_t leaveOut(std::uint32_t mode, std::uint32_t bit, bool otherOwner,
                           const char* what) {
        if ((mode & bit) == 0 || !otherOwner) return mode;
        refused_.push_back(what + std::string(": left out, the owner is another one"));
        return mode & ~bit;
    }

    void setTime() {
        timespec times[2] = {};
        times[0].tv_nsec = UTIME_OMIT;
        times[1].tv_sec = wanted_.mtime.seconds;
        times[1].tv_nsec = wanted_.mtime.nanoseconds;
        const int rc = entry_.isHandle ? ::utimensat(AT_FDCWD, viaProc_.c_str(), times, 0)
                                       : ::futimens(entry_.fd, times);
        const auto what = [&] { return "modification time " + toIso8601(wanted_.mtime); };
        if (rc != 0) {
            refuse(errno, what());
        } else if (wanted_.mtime.seconds < 0 || wanted_.mtime.seconds > INT32_MAX) {
            // File systems cut such times to what they can hold and say nothing.
            struct stat now {};
            if (::fstat(entry_.fd, &now) != 0 || now.st_mtim.tv_sec != wanted_.mtime.seconds) {
                refused_.push_back(what() + ": the file system cannot hold it");
            }
        }
    }

    TargetEntry entry_;
    const Attributes& wanted_;
    const std::string viaProc_;
    std::vector<std::string> refused_;
};

}  // namespace

std::vector<std::string> setAttributes(const TargetEntry& entry, const Attributes& wanted,
                                       bool restoreOwner) {
    return Setter(entry, wanted).run(restoreOwner);
}

}  // namespace coffer
