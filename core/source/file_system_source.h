#pragma once

#include <memory>
#include <string>

#include "core/source/data_source.h"

namespace coffer {

class AccountNames;

/// The files of this computer, from its root on. Safe to share; what it hands out may outlive it.
///
/// Paths and names are octets. A path part "." or ".." and an octet 0 are refused with
/// Error(invalidArgument); a part that is a symlink or no folder with Error(conflict); what is not
/// there with Error(notFound), also by Folder::open and Folder::details for a vanished entry.
/// Automounts are not triggered by looking at them.
class FileSystemSource : public DataSource {
  public:
    FileSystemSource();
    ~FileSystemSource() override;
    FileSystemSource(const FileSystemSource&) = delete;
    FileSystemSource& operator=(const FileSystemSource&) = delete;

    std::unique_ptr<Folder> openFolder(const std::string& path) override;

  private:
    std::shared_ptr<AccountNames> accounts_;
};

}  // namespace coffer
