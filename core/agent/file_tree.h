#pragma once

#include <memory>

#include "core/agent/object_tree.h"
#include "core/base/cancel.h"

namespace coffer {

class AccountNames;

/// The files of this computer. No part of a path is ever followed when it is a symbolic link, and
/// content is read from and written to regular files alone. flush() waits for the disk, and
/// settle() of a new file until its content is on the way there before its name. Safe to share.
class FileTree : public ObjectTree {
  public:
    /// `cancel` ends long work (erase, copy) with Error(cancelled); outlives this.
    explicit FileTree(const CancelToken& cancel);
    ~FileTree() override;

    ObjectEntry stat(const std::string& path) override;
    std::unique_ptr<EntryCursor> list(const std::string& path) override;
    Bytes read(const std::string& path, std::uint64_t offset, std::size_t length) override;
    void write(const std::string& path, std::uint64_t offset, ByteView data) override;
    void resize(const std::string& path, std::uint64_t size) override;
    void createFile(const std::string& path) override;
    void createFolder(const std::string& path) override;
    void erase(const std::string& path, bool recursive) override;

    /// Only within a file system; across two of them Error(unsupported): copy, then erase.
    void move(const std::string& path, const std::string& target) override;
    void copy(const std::string& path, const std::string& target) override;
    void createLink(const std::string& path, const std::string& text) override;

    /// Owners change as far as the system lets this user.
    ObjectEntry settle(const std::string& path, const std::string& target, const Look& wanted,
                       const std::optional<ObjectEntry>& replaced) override;
    void eraseAs(const std::string& path, const ObjectEntry& seen) override;
    void flush(const std::string& path) override;

  private:
    const CancelToken& cancel_;
    std::shared_ptr<AccountNames> accounts_;
};

}  // namespace coffer
