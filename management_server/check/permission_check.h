#pragma once

#include <vector>

#include "management_server/check/finding.h"

namespace coffer {

/// Whether a folder, all that is in it but the folders `but`, belong to the owner of the folder and
/// to nobody else (0700, 0600). `passed`: others of its group may pass through the folder itself,
/// to those. Looks at 100,000 entries at most; follows no links.
Finding checkPermissions(const std::string& folder, const std::vector<std::string>& but,
                         bool passed = false);

/// Whether both belong to the same user.
Finding checkOwner(const std::string& subject, const std::string& folder, const std::string& state);

/// A file with a secret that a setting names: there, and for its owner alone.
Finding checkSecretFile(const std::string& setting, const std::string& path);

}  // namespace coffer
