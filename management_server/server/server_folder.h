#pragma once

#include <string>

#include "core/base/file_lock.h"
#include "core/codec/secret.h"
#include "core/storage/disk.h"

namespace coffer {

/// The server's state folder: who can read it can act as this server, and read its repositories.
/// Safe to share between threads.
///
///     authority.pem, authority.key  the network's certificate authority
///     server.pem                    the server's own certificate and key
///     server.db                     users, agents, runs, events, names of repositories
///     store.key                     by which runs prove what they may do at the store
///     repositories/NAME/            keys and databases of a repository
///     server.ini                    settings, as `init` wrote them
///     endpoint                      where the server listens: "host:port", while it does
///     updates/                      packages of newer agents
///     lock                          held by the server that runs
class ServerFolder {
  public:
    /// Nothing is made yet. `disk` outlives it.
    ServerFolder(Disk& disk, const std::string& path);

    /// Makes what is missing of the folders.
    void make();

    /// Throws Error(notFound), saying how to begin, unless the server has been initialised.
    void require() const;

    /// Throws Error(busy) while another server runs on it.
    FileLock lock() const;

    /// Makes the store's key unless there is one.
    void makeStoreKey() const;
    SecretKey storeKey() const;  // Error(notFound), (corrupt)

    const std::string& path() const { return path_; }  // links resolved
    std::string authorityFile() const { return path_ + "/authority.pem"; }
    std::string certificateFile() const { return path_ + "/server.pem"; }
    std::string databaseFile() const { return path_ + "/server.db"; }
    std::string storeKeyFile() const { return path_ + "/store.key"; }
    std::string settingsFile() const { return path_ + "/server.ini"; }
    std::string updatesFolder() const { return path_ + "/updates"; }
    std::string endpointFile() const { return path_ + "/endpoint"; }
    Disk& disk() const { return disk_; }

  private:
    Disk& disk_;
    const std::string path_;
};

}  // namespace coffer
