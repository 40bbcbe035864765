#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/source/attributes.h"
#include "core/source/target_folders.h"

namespace coffer {

/// An entry whose attributes are to be set: an open file or folder, or a handle (O_PATH) of
/// something that is not opened, which is reached through /proc. Borrows the descriptor.
struct TargetEntry {
    static constexpr std::uint32_t unknownMode = ~std::uint32_t{0};

    int fd = -1;
    bool isHandle = false;
    Owner owner;                       // as it is now
    std::uint32_t mode = unknownMode;  // permission bits as they are now
    bool clearAcl = false;             // it may have inherited an ACL
};

/// Brings an entry's owner (by number, when `restoreOwner`), extended attributes, permission bits,
/// ACLs, time and inode flags into line, in the order in which none of them spoils another one.
/// The set-user-id and set-group-id bits of a file are left out when its owner is another one.
/// Returns a line per attribute that the target refused; a full or broken disk is an Error.
std::vector<std::string> setAttributes(const TargetEntry& entry, const Attributes& wanted,
                                       bool restoreOwner);

}  // namespace coffer
