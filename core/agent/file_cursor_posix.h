#pragma once

#include <memory>

#include "core/agent/folder_stream_posix.h"
#include "core/agent/object_tree.h"
#include "core/base/unique_fd.h"
#include "core/source/account_names.h"
#include "core/source/attributes.h"

namespace coffer {

/// An entry of the open folder as an object; of a symbolic link its target is asked for.
ObjectEntry objectOf(int folder, const Stat& stat, AccountNames& accounts);

/// The entries of an open folder, as it is read. Used by one thread at a time.
class FileCursor : public EntryCursor {
  public:
    FileCursor(UniqueFd folder, std::shared_ptr<AccountNames> accounts);

    std::optional<ObjectEntry> next() override;

  private:
    UniqueFd folder_;
    FolderStream stream_;
    std::shared_ptr<AccountNames> accounts_;
};

}  // namespace coffer
