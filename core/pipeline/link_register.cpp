#include "core/pipeline/link_register.h"

#include <utility>

namespace coffer {

namespace {

constexpr std::size_t ofEntry = 128;   // with what the map takes
constexpr std::size_t ofFolder = 512;  // with its attributes

}  // namespace

LinkRegister::Role LinkRegister::see(const HardLinkGroup& group,
                                     const std::shared_ptr<FolderRestore>& folder,
                                     const std::string& path) {
    if (first_.contains(group)) return Role::further;
    const std::size_t slash = path.rfind('/');
    std::string name = slash == path.npos ? path : path.substr(slash + 1);
    std::size_t cost = ofEntry + name.size();
    if (folder.get() != lastFolder_) cost += ofFolder + folder->path().size();
    if (cost > limit_ - octets_) return Role::unknown;
    octets_ += cost;
    lastFolder_ = folder.get();
    folder->expect();
    first_.emplace(group, Name{folder, std::move(name)});
    return Role::first;
}

std::string LinkRegister::firstOf(const HardLinkGroup& group) const {
    const Name& first = first_.at(group);
    const std::string& folder = first.folder->path();
    return folder.empty() ? first.name : folder + "/" + first.name;
}

void LinkRegister::finish() {
    for (const auto& [group, first] : std::exchange(first_, {})) first.folder->done();
    octets_ = 0;
    lastFolder_ = nullptr;
}

}  // namespace coffer
