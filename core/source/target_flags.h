#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/source/attributes.h"

namespace coffer {

/// Adds the inode flags of `wanted` (FS_IOC_SETFLAGS) that can be set at all to the open file or
/// folder; those that only inform (extents, index, encrypted...) are passed over. To be called
/// last: an immutable file takes no further attribute. A line per refused flag goes to `refused`.
void setInodeFlags(int fd, const Attributes& wanted, std::vector<std::string>& refused);

/// Sets the flags that a file takes only, or best, while it is empty (no copy-on-write,
/// compression). A refusal is left to setInodeFlags(), which tries again.
void setFlagsOfEmptyFile(int fd, const Attributes& wanted);

/// Lifts the marks that forbid changing, linking and removing (immutable, append-only) while it
/// lives, or for ever after keepLifted(). Borrows the descriptor. Throws Error.
class ProtectionLift {
  public:
    explicit ProtectionLift(int fd);
    ProtectionLift(const ProtectionLift&) = delete;
    ProtectionLift& operator=(const ProtectionLift&) = delete;
    ~ProtectionLift();

    void keepLifted() { lifted_ = 0; }

  private:
    int fd_;
    std::uint32_t lifted_ = 0;
};

}  // namespace coffer
