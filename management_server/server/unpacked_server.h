#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/repository/recovery_kit.h"
#include "core/storage/object_store.h"
#include "management_server/server/server_folder.h"

namespace coffer {

/// A state folder that is filled from a server's own backup. Everything but `authority.pem`,
/// without which no server runs on it, is in place after the constructor; what was made goes with
/// this object unless finish() was called. Used by one thread.
class UnpackedServer {
  public:
    /// Takes the newest backup in the store that is sound and opens with the kit; those before it
    /// that are not are logged. The folder is locked by the caller. Throws Error(alreadyExists)
    /// when it holds anything, (notFound) without a backup, (wrongKey), (unsupported).
    UnpackedServer(ServerFolder& folder, ObjectStore& store, const RecoveryKit& kit);
    ~UnpackedServer();
    UnpackedServer(const UnpackedServer&) = delete;
    UnpackedServer& operator=(const UnpackedServer&) = delete;

    /// Which backup it is.
    std::uint64_t number() const { return number_; }
    Timestamp time() const { return time_; }

    /// Name of the repository that the backup was made for.
    const std::string& repository() const { return repository_; }

    /// From now on a server can run on it.
    void finish();

  private:
    class Target;

    void requireEmpty() const;
    void clear() const noexcept;
    void unpack(ObjectStore& store, const RecoveryKit& kit);

    ServerFolder& folder_;
    std::uint64_t number_ = 0;
    Timestamp time_;
    std::string repository_;
    std::string authority_;
    bool finished_ = false;
};

}  // namespace coffer
