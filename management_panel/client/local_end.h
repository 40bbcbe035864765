#pragma once

#include "management_panel/client/copy_end.h"

namespace coffer::client {

/// This machine's files as one side of a copy. Symbolic links are followed where the user names
/// them, and are Kind::other inside of folders.
class LocalEnd : public CopyEnd {
  public:
    std::optional<CopyItem> look(const std::string& path) override;
    void list(const std::string& path, const std::function<void(const CopyItem&)>& take) override;
    void read(const std::string& path, const std::function<void(ByteView)>& take,
              const CancelToken& cancel) override;
    std::unique_ptr<CopyWriter> create(const std::string& path) override;
    void makeFolder(const std::string& path) override;
};

}  // namespace coffer::client
