#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/source/attributes.h"
#include "core/source/exclude_rules.h"

namespace coffer {

/// What is to be backed up.
struct BackupRequest {
    std::string host;
    std::vector<std::string> paths;     // absolute, without ".", ".." and double '/'
    std::vector<std::string> excludes;  // gitignore-like patterns
    std::vector<std::string> includes;  // likewise: nothing else below the paths; none: all
    std::optional<std::uint64_t> excludeLargerThan{};  // octets of a file
    std::optional<std::int64_t> excludeOlderThan{};    // seconds from a file's last change to now
    bool oneFileSystem = false;                        // stay on the file systems of the paths
    bool excludeCaches = false;                        // folders with a CACHEDIR.TAG
    bool excludeNoDump = false;                        // entries marked 'no dump'
};

/// Which paths of a source belong to a backup. Immutable, safe to share.
class Selection {
  public:
    /// Throws Error(invalidArgument) for a path that is not absolute and normal, a bad pattern, or
    /// more of them than a snapshot can hold.
    explicit Selection(const BackupRequest& request);

    /// True for a selected path and all below it; false for the folders that lead there.
    bool isWhole(const std::string& path) const;

    /// Names in a leading folder that are selected or lead to what is.
    std::vector<std::string> namesIn(const std::string& path) const;

    bool excluded(const std::string& path, bool isFolder) const {
        return excludes_.excludes(path, isFolder);
    }

    /// Whether the patterns of what is included name an entry, or else all of the folder that it
    /// is in. Without patterns all is. `within`: its folder is included.
    bool included(const std::string& path, bool isFolder, bool within) const {
        return includes_.empty() || includes_.names(path, isFolder).value_or(within);
    }

    /// Whether something below a folder that is not included may be. So folders are left out by
    /// their paths alone, and stay when nothing in them turns out to be included.
    bool leadsToIncluded(const std::string& path) const { return includes_.mayNameBelow(path); }

    const std::set<std::string>& paths() const { return paths_; }

  private:
    std::set<std::string> paths_;  // none lies below another
    ExcludeRules excludes_;
    ExcludeRules includes_;
};

/// Patterns of what is to be included. Throws Error(invalidArgument) for a bad one, and when there
/// are some but all take back, for then nothing would be backed up.
ExcludeRules includeRules(const std::vector<std::string>& patterns);

/// Whether size or age of a file leave it out of a backup that begins `now`. Of other entries they
/// do not.
bool isTooLargeOrOld(const BackupRequest& request, const Stat& stat, Timestamp now);

/// All that a request leaves out beside its exclude patterns, as "KEY=VALUE" with the keys of
/// tasks.
std::vector<std::string> filtersOf(const BackupRequest& request);

/// "/a" and "b" give "/a/b"; "/" and "b" give "/b".
std::string joinPath(const std::string& folder, std::string_view name);

}  // namespace coffer
