#pragma once

#include <string>
#include <vector>

#include "core/source/exclude_rules.h"

namespace coffer {

class Disk;

/// What this computer's administrator lets any server do here (agent.ini, [allow]). Asked before
/// anything happens. Immutable, safe to share.
class AllowList {
  public:
    struct Settings {
        std::vector<std::string> read;     // absolute paths, each with all below it
        std::vector<std::string> write;    // the same
        std::vector<std::string> run;      // kinds of runs: "backup", "restore"
        std::vector<std::string> hooks{};  // programs: absolute patterns (exclude_rules.h)
    };

    enum class Right { read, write };

    /// Whether what lies below the path is concerned, too.
    enum class Extent { entry, whole };

    /// Symbolic links in the paths are resolved as they are now. `own` are the agent's own folders
    /// and files, which hold its keys and these settings: no server gets at them. Throws
    /// Error(invalidArgument) naming the setting.
    AllowList(const Settings& settings, const std::vector<std::string>& own, Disk& disk);

    /// Throws Error(permissionDenied) naming the setting. `path` as in object_path.h.
    void check(Right right, const std::string& path, Extent extent = Extent::entry) const;
    void checkRun(const std::string& kind) const;
    void checkHook(const std::string& program) const;

  private:
    std::vector<std::string> read_;
    std::vector<std::string> write_;
    std::vector<std::string> run_;
    std::vector<std::string> own_;
    ExcludeRules hooks_;
};

}  // namespace coffer
