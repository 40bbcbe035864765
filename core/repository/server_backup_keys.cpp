#include "core/repository/server_backup_keys.h"

#include "core/base/wire.h"
#include "core/repository/numbered_name.h"
#include "core/repository/server_backup_format.h"

namespace coffer {

namespace format = server_backup_format;

std::string serverBackupName(std::uint64_t number) {
    return numberedName(format::folder, number);
}

SecretKey serverBackupPartKey(const SecretKey& key, const RepositoryId& repository,
                              std::uint32_t part) {
    WireWriter info;
    info.raw(bytesOf(format::partLabel));
    info.u32(part);
    return deriveKey(key, repository.view(), info.bytes());
}

}  // namespace coffer
