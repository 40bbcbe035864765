#pragma once

#include <string>

#include "core/repository/server_state.h"
#include "core/storage/disk.h"
#include "core/storage/local_store.h"

namespace coffer {

/// The agent's state folder. Who can read it can act as this agent. Safe to share between threads.
///
///     authority.pem  certificate of the server's authority, the only one that is believed
///     agent.pem      the agent's own certificate and key
///     identity/      the key by which it signs what it stores
///     cache/         journals of backups, marks of restores
///     results/       results of runs that the server has not taken yet
///     versions/      newer programs than the installed ones (docs/updates.md)
///     lock           held by the agent that runs
class AgentFolder {
  public:
    /// Nothing is made yet. `disk` outlives it.
    AgentFolder(Disk& disk, const std::string& path);

    /// Makes what is missing of it, also the folders that it lies in.
    void make();

    /// Whether this computer has been enrolled.
    bool enrolled() const;

    /// Throws Error(notFound), saying how to enrol.
    AgentIdentity identity();

    const std::string& path() const { return path_; }  // links resolved
    std::string authorityFile() const { return path_ + "/authority.pem"; }
    std::string certificateFile() const { return path_ + "/agent.pem"; }
    std::string cache() const { return path_ + "/cache"; }
    std::string versions() const { return path_ + "/versions"; }
    std::string lockFile() const { return path_ + "/lock"; }
    Disk& disk() { return disk_; }
    LocalStore& secrets() { return secrets_; }
    LocalStore& results() { return results_; }

  private:
    Disk& disk_;
    const std::string path_;
    LocalStore secrets_;
    LocalStore results_;
};

}  // namespace coffer
