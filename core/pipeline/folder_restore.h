#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "core/pipeline/file_restore.h"

namespace coffer {

/// One folder being restored: has been made, and gets its attributes when everything in it is done,
/// so that no second walk of the tree is needed. Safe to share between threads.
class FolderRestore {
  public:
    /// `parent` may be null. A folder that `stays` as it is only holds its parent back.
    FolderRestore(RestoreShared& shared, std::shared_ptr<FolderRestore> parent, std::string path,
                  Attributes attributes, bool stays);
    ~FolderRestore();
    FolderRestore(const FolderRestore&) = delete;
    FolderRestore& operator=(const FolderRestore&) = delete;

    const std::string& path() const { return path_; }

    /// Announces something in the folder that will be done.
    void expect() { ++outstanding_; }

    /// One of them is done; or, once, all have been announced. May finish this folder and those
    /// that it lies in; throws what ends the restore.
    void done();

  private:
    void finish();

    RestoreShared& shared_;
    std::shared_ptr<FolderRestore> parent_;
    const std::string path_;
    const Attributes attributes_;
    const bool stays_;
    std::atomic<std::uint64_t> outstanding_{1};  // one for whoever announces
};

}  // namespace coffer
