#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/source/exclude_rules.h"

namespace coffer {

/// What is to be backed up.
struct BackupRequest {
    std::string host;
    std::vector<std::string> paths;     // absolute, without ".", ".." and double '/'
    std::vector<std::string> excludes;  // gitignore-like patterns
    bool oneFileSystem = false;         // stay on the file systems of the paths
    bool excludeCaches = false;         // folders with a CACHEDIR.TAG
    bool excludeNoDump = false;         // entries marked 'no dump'
};

/// Which paths of a source belong to a backup. Immutable, safe to share.
class Selection {
  public:
    /// Throws Error(invalidArgument) for a path that is not absolute and normal, or a bad pattern.
    explicit Selection(const BackupRequest& request);

    /// True for a selected path and all below it; false for the folders that lead there.
    bool isWhole(const std::string& path) const;

    /// Names in a leading folder that are selected or lead to what is.
    std::vector<std::string> namesIn(const std::string& path) const;

    bool excluded(const std::string& path, bool isFolder) const {
        return rules_.excludes(path, isFolder);
    }

    const std::set<std::string>& paths() const { return paths_; }

  private:
    std::set<std::string> paths_;  // none lies below another
    ExcludeRules rules_;
};

/// "/a" and "b" give "/a/b"; "/" and "b" give "/b".
std::string joinPath(const std::string& folder, std::string_view name);

}  // namespace coffer
