#include "core/pipeline/folder_restore.h"

#include <utility>

namespace coffer {

FolderRestore::FolderRestore(RestoreShared& shared, std::shared_ptr<FolderRestore> parent,
                             std::string path, Attributes attributes, bool stays)
    : shared_(shared),
      parent_(std::move(parent)),
      path_(std::move(path)),
      attributes_(std::move(attributes)),
      stays_(stays) {
    if (parent_) parent_->expect();
}

// From the leaf up in a loop: a path may have very many parts.
FolderRestore::~FolderRestore() {
    while (parent_ && parent_.use_count() == 1) {
        std::shared_ptr<FolderRestore> above = std::move(parent_->parent_);
        parent_ = std::move(above);
    }
}

void FolderRestore::done() {
    for (FolderRestore* folder = this; folder && --folder->outstanding_ == 0;
         folder = folder->parent_.get()) {
        folder->finish();
    }
}

void FolderRestore::finish() {
    if (stays_) return;
    try {
        for (std::string& line : shared_.target.finishFolder(path_, attributes_)) {
            shared_.problems.add(path_, ErrorCode::permissionDenied, std::move(line));
        }
    } catch (const Error& error) {
        if (endsRestore(error)) throw;
        shared_.problems.add(path_, error);
    }
}

}  // namespace coffer
