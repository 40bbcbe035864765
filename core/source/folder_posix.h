#pragma once

#include <memory>
#include <string>

#include "core/base/unique_fd.h"
#include "core/source/account_names.h"
#include "core/source/data_source.h"

namespace coffer {

/// A folder of a file system. Used by one thread.
class FileSystemFolder : public Folder {
  public:
    /// `fd` is the folder, opened for reading.
    FileSystemFolder(UniqueFd fd, std::shared_ptr<AccountNames> accounts);

    void list(const std::function<void(std::string_view name)>& each) override;
    std::optional<Stat> stat(const std::string& name) override;
    Stat statSelf() override;
    Details detailsSelf() override;
    Details details(const Stat& entry) override;
    std::unique_ptr<FileReader> open(const Stat& entry) override;

  private:
    UniqueFd fd_;
    std::shared_ptr<AccountNames> accounts_;
};

}  // namespace coffer
