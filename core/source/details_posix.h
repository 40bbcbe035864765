#pragma once

#include "core/source/account_names.h"
#include "core/source/attributes.h"

namespace coffer {

/// Details through the open file or folder `fd`, which `stat` describes.
/// Safe to call from any thread, as is detailsAt().
Details detailsOf(int fd, const Stat& stat, AccountNames& accounts);

/// Details of an entry of the open folder that need not be readable; inode flags of folders only,
/// where they may be opened. All come from the inode `entry` names, else Error(conflict) or, when
/// it has vanished, Error(notFound).
Details detailsAt(int folder, const Stat& entry, AccountNames& accounts);

}  // namespace coffer
