#include "core/source/account_names.h"
#include "core/source/file_system_source.h"
#include "core/source/folder_posix.h"
#include "core/source/open_posix.h"

namespace coffer {

FileSystemSource::FileSystemSource() : accounts_(std::make_shared<AccountNames>()) {}

FileSystemSource::~FileSystemSource() = default;

std::unique_ptr<Folder> FileSystemSource::openFolder(const std::string& path) {
    return std::make_unique<FileSystemFolder>(openFolderPath(path), accounts_);
}

}  // namespace coffer
