#pragma once

#include <memory>
#include <string>

#include "core/base/unique_fd.h"
#include "core/source/account_names.h"
#include "core/source/data_source.h"

namespace coffer {

/// An open regular file of a file system. Used by one thread.
class FileSystemFileReader : public FileReader {
  public:
    /// Opens `entry` of the open folder; errors as in Folder::open. Never waits for a FIFO's peer.
    FileSystemFileReader(int folder, const Stat& entry, std::shared_ptr<AccountNames> accounts);

    Region regionAt(std::uint64_t offset) override;
    std::size_t readAt(std::uint64_t offset, std::span<std::uint8_t> out) override;
    Details details() override;
    const Stat& opened() const override { return opened_; }
    Stat statNow() override;

  private:
    Stat opened_;
    UniqueFd fd_;
    std::shared_ptr<AccountNames> accounts_;
};

}  // namespace coffer
