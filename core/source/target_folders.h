#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/guarded.h"
#include "core/base/unique_fd.h"

namespace coffer {

/// A user and a group by number.
struct Owner {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    bool operator==(const Owner&) const = default;
};

/// An open folder of a target and what it does to entries made in it. Safe to share.
class TargetFolder {
  public:
    explicit TargetFolder(UniqueFd fd);

    int fd() const { return fd_.get(); }

    /// Nobody but its owner (and root) gets in.
    bool isPrivate() const { return isPrivate_; }

    /// New entries inherit an ACL from it.
    bool hasDefaultAcl() const { return hasDefaultAcl_; }

    /// Who owns a file made in it; known once the first one has been looked at. It depends on the
    /// folder's setgid bit, on mount options and on the file server.
    std::optional<Owner> newFileOwner() const;
    void setNewFileOwner(Owner owner) const;

  private:
    static constexpr std::uint64_t unknown = ~std::uint64_t{0};

    UniqueFd fd_;
    bool isPrivate_ = false;
    bool hasDefaultAcl_ = false;
    mutable std::atomic<std::uint64_t> newFileOwner_{unknown};
};

/// Folders of a target by path; the ones used last stay open. Safe to share.
class TargetFolders {
  public:
    TargetFolders(UniqueFd root, std::size_t capacity);

    /// The folder at a checked path ("" is the root), never through a symlink (Error(conflict)).
    std::shared_ptr<const TargetFolder> open(std::string_view path);

    /// Lets go of a folder that is done with or has changed.
    void forget(std::string_view path);

    const std::shared_ptr<const TargetFolder>& root() const { return root_; }

  private:
    using Slot = std::pair<const std::string, std::shared_ptr<const TargetFolder>>;

    struct Recent {
        std::list<Slot> slots;  // the one used last in front
        std::unordered_map<std::string_view, std::list<Slot>::iterator> byPath;

        std::shared_ptr<const TargetFolder> find(std::string_view path);
    };

    void keep(std::string_view path, std::shared_ptr<const TargetFolder> folder);

    const std::shared_ptr<const TargetFolder> root_;
    const std::size_t capacity_;
    Guarded<Recent> recent_;
};

}  // namespace coffer
