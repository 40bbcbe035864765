#pragma once

#include <string>

#include "core/base/cancel.h"
#include "core/source/data_source.h"
#include "core/source/restore_target.h"

namespace coffer {

/// A copy of one entry of a source into a target, of a folder with everything in it: content,
/// holes, attributes and hard links among what is copied. Attributes that the target refuses are
/// left out. Folders are done one after the other, so memory grows with depth and with the number
/// of subfolders in them. Used by one thread.
class TreeCopy {
  public:
    /// All of them outlive this.
    TreeCopy(DataSource& source, RestoreTarget& target, const CancelToken& cancel)
        : source_(source), target_(target), cancel_(cancel) {}

    /// Copies the entry `name` of the source's folder `folder` to `to` in the target, where nothing
    /// is: Error(alreadyExists).
    void run(const std::string& folder, const std::string& name, const std::string& to);

    /// Something was made at `to`: after an error, what is there is part of a copy.
    bool began() const { return began_; }

  private:
    struct Frame;
    struct Links;

    void copyFolders(const std::string& from, const std::string& to);
    void fill(Frame& frame, Links& links);
    void copyEntry(Folder& folder, const Stat& entry, const std::string& to, Links& links);
    void copyFile(Folder& folder, const Stat& entry, const std::string& to);

    DataSource& source_;
    RestoreTarget& target_;
    const CancelToken& cancel_;
    Bytes buffer_;
    bool began_ = false;
};

}  // namespace coffer
