#pragma once

#include <string>
#include <vector>

namespace coffer {

/// Builds in `folder` (made when missing, else empty) a tree of about `entries` entries, at least
/// some 400, with every kind of entry and attribute that file systems on Linux know. Same seed,
/// same tree, down to times of modification. Needs root for owners, devices, flags, capabilities.
///
/// Returns a line for each thing that the file system or the system refused and that is therefore
/// missing. No entry is marked 'do not back up' (chattr +d), so all of it belongs in a backup.
/// Throws Error when the plain parts cannot be built.
std::vector<std::string> makeNastyTree(const std::string& folder, unsigned entries, unsigned seed);

/// Removes a folder with all below it: at any depth, immutable and append-only entries too. Does
/// nothing when there is none; never follows symlinks below it. Throws Error.
void removeTree(const std::string& folder);

}  // namespace coffer
