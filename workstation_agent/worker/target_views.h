#pragma once

#include <string>
#include <vector>

#include "core/source/restore_target.h"

namespace coffer {

/// Another target but for some places in it, which nothing is done to: Error(permissionDenied).
/// Safe to share between threads.
class GuardedTarget : public RestoreTarget {
  public:
    /// `closed` are paths in the target, each with all below it. `inner` outlives this.
    GuardedTarget(RestoreTarget& inner, std::vector<std::string> closed)
        : inner_(inner), closed_(std::move(closed)) {}

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
    const std::string& checked(const std::string& path) const;

    RestoreTarget& inner_;
    const std::vector<std::string> closed_;
};

/// A folder of another target as a target. Safe to share between threads.
class FolderOfTarget : public RestoreTarget {
  public:
    /// `folder` is its path in the target, "" the target itself. `inner` outlives this.
    FolderOfTarget(RestoreTarget& inner, std::string folder)
        : inner_(inner), folder_(std::move(folder)) {}

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
    std::string within(const std::string& path) const;

    RestoreTarget& inner_;
    const std::string folder_;
};

}  // namespace coffer
