#pragma once

#include <optional>
#include <string>

#include "core/source/attributes.h"

namespace coffer {

/// The entry `name` of the open folder, a symlink itself; nothing when there is none.
/// Safe to call from any thread, as is statOf().
std::optional<Stat> statAt(int folder, const std::string& name);

/// What the descriptor stands for; `name` is only taken over.
Stat statOf(int fd, const std::string& name);

/// Whether both are the same inode and kind of entry.
bool sameEntry(const Stat& a, const Stat& b);

/// Throws Error(invalidArgument) unless `name` is one path part.
void checkEntryName(const std::string& name);

}  // namespace coffer
