#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "core/pipeline/folder_restore.h"
#include "core/source/attributes.h"

namespace coffer {

/// The first names of files that have several, as a restore comes upon them: the others are linked
/// to these. A snapshot does not tell when all names of a file have been seen, so they are kept to
/// the end, up to a limit. Folders of first names are held open: a link is made from one folder to
/// another, and both get their attributes after it. Used by one thread.
class LinkRegister {
  public:
    /// `limit`: octets, about, of what is kept.
    explicit LinkRegister(std::size_t limit) : limit_(limit) {}

    enum class Role {
        first,
        further,
        unknown  // there is no room for more: nothing is known of its other names
    };
    Role see(const HardLinkGroup& group, const std::shared_ptr<FolderRestore>& folder,
             const std::string& path);

    /// The first name of a file that has one.
    std::string firstOf(const HardLinkGroup& group) const;

    /// Lets go of all; throws what ends the restore.
    void finish();

  private:
    struct Name {
        std::shared_ptr<FolderRestore> folder;
        std::string name;  // in it
    };

    const std::size_t limit_;
    std::size_t octets_ = 0;
    const FolderRestore* lastFolder_ = nullptr;  // that was counted
    std::map<HardLinkGroup, Name> first_;
};

}  // namespace coffer
