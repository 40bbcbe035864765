#include <sys/stat.h>
#include <sys/xattr.h>

#include <cerrno>
#include <utility>

#include "core/base/error.h"
#include "core/source/open_beneath.h"
#include "core/source/target_folders.h"

namespace coffer {

TargetFolder::TargetFolder(UniqueFd fd) : fd_(std::move(fd)) {
    struct stat found {};
    if (::fstat(fd_.get(), &found) != 0) throw Error::fromErrno(errno, "look at folder");
    isPrivate_ = (found.st_mode & 077) == 0;
    hasDefaultAcl_ = ::fgetxattr(fd_.get(), "system.posix_acl_default", nullptr, 0) > 0;
}

std::optional<Owner> TargetFolder::newFileOwner() const {
    const auto packed = newFileOwner_.load(std::memory_order_relaxed);
    if (packed == unknown) return std::nullopt;
    return Owner{static_cast<std::uint32_t>(packed >> 32), static_cast<std::uint32_t>(packed)};
}

void TargetFolder::setNewFileOwner(Owner owner) const {
    newFileOwner_.store(std::uint64_t{owner.uid} << 32 | owner.gid, std::memory_order_relaxed);
}

TargetFolders::TargetFolders(UniqueFd root, std::size_t capacity)
    : root_(std::make_shared<const TargetFolder>(std::move(root))), capacity_(capacity) {}

std::shared_ptr<const TargetFolder> TargetFolders::Recent::find(std::string_view path) {
    const auto found = byPath.find(path);
    if (found == byPath.end()) return nullptr;
    slots.splice(slots.begin(), slots, found->second);
    return found->second->second;
}

std::shared_ptr<const TargetFolder> TargetFolders::open(std::string_view path) {
    if (path.empty()) return root_;

    // From the nearest folder that is open already.
    auto from = root_;
    std::string_view rest = path;
    recent_.with([&](Recent& recent) {
        for (auto end = path.size(); end != path.npos && end > 0; end = path.rfind('/', end - 1)) {
            if (auto found = recent.find(path.substr(0, end))) {
                from = std::move(found);
                rest = path.substr(std::min(end + 1, path.size()));
                return;
            }
        }
    });
    if (rest.empty()) return from;

    auto folder = std::make_shared<const TargetFolder>(openFolderBeneath(from->fd(), rest));
    keep(path, folder);
    return folder;
}

void TargetFolders::keep(std::string_view path, std::shared_ptr<const TargetFolder> folder) {
    std::list<Slot> dropped;  // closed outside the lock
    recent_.with([&](Recent& recent) {
        if (recent.find(path)) return;  // another thread was faster
        recent.slots.emplace_front(std::string(path), std::move(folder));
        recent.byPath.emplace(recent.slots.front().first, recent.slots.begin());
        if (recent.slots.size() > capacity_) {
            recent.byPath.erase(recent.slots.back().first);
            dropped.splice(dropped.begin(), recent.slots, std::prev(recent.slots.end()));
        }
    });
}

void TargetFolders::forget(std::string_view path) {
    std::list<Slot> dropped;
    recent_.with([&](Recent& recent) {
        const auto found = recent.byPath.find(path);
        if (found == recent.byPath.end()) return;
        const auto slot = found->second;
        recent.byPath.erase(found);
        dropped.splice(dropped.begin(), recent.slots, slot);
    });
}

}  // namespace coffer
