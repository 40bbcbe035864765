#pragma once

#include <string>
#include <string_view>

#include "core/console/json.h"
#include "idl/objects.hh"

namespace coffer::cli {

bool isFolder(const Coffer::Entry& entry);

/// Something is amiss with it: "changed-while-read", "unreadable".
bool conditionIs(const Coffer::Entry& entry, std::string_view word);

/// The name as a list shows it: printable, a folder's with a slash behind it.
std::string nameText(const Coffer::Entry& entry, const std::string& name);

/// An entry as `ls -l` shows it: "-rw-r--r--  ann  users  1.20 KiB  2026-11-21 20:15:03 +0100
/// name". `name` is printable; a symlink's target is put behind it.
std::string longText(const Coffer::Entry& entry, const std::string& name);

/// "1.20 KiB" of a file, "?" when it does not tell, the numbers of a device; else "-".
std::string sizeColumn(const Coffer::Entry& entry);

/// {"type": "file", "mode": "0644", …, "size": …, "modified": …} (docs/coffer.md).
Json jsonOf(const Coffer::Entry& entry);

}  // namespace coffer::cli
