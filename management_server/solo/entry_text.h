#pragma once

#include <string>

#include "core/snapshot/tree_node.h"

namespace coffer::solo {

/// An entry as `ls -l` shows it: "-rw-r--r--  ann  users  1.20 KiB  2026-11-21 20:15:03 +0100
/// name". `name` is printable; a symlink's target is put behind it.
std::string longText(const TreeNode& node, const std::string& name);

/// "drwxr-xr-x"
std::string modeText(EntryType type, std::uint32_t mode);

}  // namespace coffer::solo
