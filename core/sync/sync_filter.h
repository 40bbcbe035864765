#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/source/exclude_rules.h"

namespace coffer {

/// What of the two folders is synchronised; all else is left alone on both sides. Patterns are
/// those of a backup, with the folder that is synchronised as the root. Immutable, safe to share.
class SyncFilter {
  public:
    SyncFilter() = default;

    /// Throws Error(invalidArgument) for a bad pattern.
    SyncFilter(const std::vector<std::string>& includes, const std::vector<std::string>& excludes);

    /// Whether an entry at this path ("/a/b") takes part; `within`: all of its folder does. Of one
    /// that does it tells whether all in it does, or only what is named further down.
    std::optional<bool> choose(const std::string& path, bool isFolder, bool within) const;

  private:
    ExcludeRules excludes_;
    ExcludeRules includes_;
};

}  // namespace coffer
