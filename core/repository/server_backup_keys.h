#pragma once

#include <string>

#include "core/codec/secret.h"
#include "core/repository/ids.h"

namespace coffer {

/// "server/<16 hex>"
std::string serverBackupName(std::uint64_t number);

/// The key that seals one part of a server's backup, and nothing else.
SecretKey serverBackupPartKey(const SecretKey& key, const RepositoryId& repository,
                              std::uint32_t part);

}  // namespace coffer
