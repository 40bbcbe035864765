#pragma once

#include "core/source/restore_target.h"

namespace coffer {

/// Attributes as a rehearsal restores them, so that it can read and remove them again: without
/// inode flags (immutable…), and open to their owner.
Attributes rehearsed(Attributes attributes);

/// Restores into `inner` with such attributes. Safe to share between threads, as far as `inner` is.
class RehearsalTarget : public RestoreTarget {
  public:
    /// `inner` outlives it.
    explicit RehearsalTarget(RestoreTarget& inner) : inner_(inner) {}

    void makeFolder(const std::string& path) override { inner_.makeFolder(path); }
    std::unique_ptr<FileWriter> createFile(const std::string& path,
                                           const Attributes& attributes) override;
    std::vector<std::string> makeSpecial(const std::string& path,
                                         const Attributes& attributes) override {
        return inner_.makeSpecial(path, rehearsed(attributes));
    }
    void link(const std::string& existing, const std::string& path) override {
        inner_.link(existing, path);
    }
    void replace(const std::string& made, const std::string& path) override {
        inner_.replace(made, path);
    }
    std::vector<std::string> finishFolder(const std::string& path,
                                          const Attributes& attributes) override {
        return inner_.finishFolder(path, rehearsed(attributes));
    }
    std::optional<Stat> stat(const std::string& path) override { return inner_.stat(path); }
    void remove(const std::string& path) override { inner_.remove(path); }
    void sync() override {}  // nothing of it is to outlast a power loss

  private:
    RestoreTarget& inner_;
};

}  // namespace coffer
