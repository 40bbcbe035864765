#pragma once

#include "core/agent/allow_list.h"
#include "core/agent/object_tree.h"

namespace coffer {

/// Another tree as far as the allow list goes: what is forbidden is Error(permissionDenied) before
/// the tree behind is asked. Safe to share.
class AllowedTree : public ObjectTree {
  public:
    /// Both outlive this.
    AllowedTree(ObjectTree& inner, const AllowList& allowed) : inner_(inner), allowed_(allowed) {}

    ObjectEntry stat(const std::string& path) override;
    std::unique_ptr<EntryCursor> list(const std::string& path) override;
    Bytes read(const std::string& path, std::uint64_t offset, std::size_t length) override;
    void write(const std::string& path, std::uint64_t offset, ByteView data) override;
    void resize(const std::string& path, std::uint64_t size) override;
    void createFile(const std::string& path) override;
    void createFolder(const std::string& path) override;
    void erase(const std::string& path, bool recursive) override;
    void move(const std::string& path, const std::string& target) override;
    void copy(const std::string& path, const std::string& target) override;
    void createLink(const std::string& path, const std::string& text) override;
    ObjectEntry settle(const std::string& path, const std::string& target, const Look& wanted,
                       const std::optional<ObjectEntry>& replaced) override;
    void eraseAs(const std::string& path, const ObjectEntry& seen) override;
    void flush(const std::string& path) override;

  private:
    void check(AllowList::Right right, const std::string& path, AllowList::Extent extent) const;

    ObjectTree& inner_;
    const AllowList& allowed_;
};

}  // namespace coffer
