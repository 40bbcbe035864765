#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/unique_fd.h"
#include "core/source/restore_target.h"
#include "core/source/target_folders.h"

namespace coffer {

/// A folder of a Linux file system as the target of a restore. Nothing is ever written outside of
/// it: no symlink below it is followed (Error(conflict)), and files are only made where there is
/// nothing yet. Owners are restored by number. Access times and birth times are not restored.
///
/// Paths are as in RestoreTarget; "" stands for the target itself in finishFolder() and stat().
/// A refused owner, attribute, ACL, time or flag is a returned line, a full or failing disk an
/// Error(noSpace) or Error(ioError). Files are not synchronised one by one: sync() does it for all.
/// Safe to share between threads.
class FileSystemTarget : public RestoreTarget {
  public:
    struct Options {
        /// Go on in a target that is not empty; makeFolder() then takes over folders that exist.
        bool resume = false;

        /// Set owners; without it entries belong to the user who restores. By default for root.
        bool restoreOwner;

        Options();
    };

    /// Makes the folder (mode 0700, missing parents too) unless it is there. Without `resume` it
    /// must be empty, save for an ext4 "lost+found": Error(alreadyExists). A folder in a repository
    /// is refused: Error(invalidArgument).
    explicit FileSystemTarget(const std::string& path, Options options = Options());

    /// The same in a folder that is open already and taken as it is, empty or not.
    FileSystemTarget(UniqueFd folder, Options options);

    void makeFolder(const std::string& path) override;
    std::unique_ptr<FileWriter> createFile(const std::string& path,
                                           const Attributes& attributes) override;
    std::vector<std::string> makeSpecial(const std::string& path,
                                         const Attributes& attributes) override;
    void link(const std::string& existing, const std::string& path) override;
    void replace(const std::string& made, const std::string& path) override;
    std::vector<std::string> finishFolder(const std::string& path,
                                          const Attributes& attributes) override;
    std::optional<Stat> stat(const std::string& path) override;
    void remove(const std::string& path) override;
    void sync() override;

  private:
    const Options options_;
    const std::optional<std::uint32_t> umask_;  // of the process; unknown without /proc
    TargetFolders folders_;
};

}  // namespace coffer
