#pragma once

#include "core/source/restore_target.h"

namespace coffer {

/// A target that is in use already: each entry is made under another name beside its place
/// (".coffer-" and 16 hexadecimal digits) and takes the place of what is there when it is complete,
/// so that a restore that fails leaves the old entry. What an interrupted one left under such a
/// name is removed. Folders that exist are taken over. Safe to share between threads.
class ReplacingTarget : public RestoreTarget {
  public:
    /// `inner` takes existing folders over (its option `resume`) and outlives this.
    explicit ReplacingTarget(RestoreTarget& inner) : inner_(inner) {}

    /// Replaces also an entry that is no folder.
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

    /// Removes what was being made for `path`, never what is there.
    void remove(const std::string& path) override;
    void sync() override;

  private:
    template <class Make>
    auto makeBeside(const std::string& path, Make&& make);

    RestoreTarget& inner_;
};

}  // namespace coffer
