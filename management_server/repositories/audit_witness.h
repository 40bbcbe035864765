#pragma once

#include <string>
#include <vector>

#include "core/codec/secret.h"
#include "management_server/access/audit_log.h"
#include "management_server/access/audit_servant.h"
#include "management_server/repositories/server_repositories.h"

namespace coffer {

/// Writes the head of the audit log into the folder of each repository, the file `audit-head`, so
/// that it is noticed when the end of the log is cut off or server.db is set back. A seal under a
/// key of the server keeps others from writing one. Safe to share between threads.
class AuditWitness {
  public:
    /// All but the key outlive it.
    AuditWitness(const AuditLog& log, const ServerRepositories& repositories, const SecretKey& key);

    /// Brings the files up to date; for the housekeeping. What cannot be written is logged and
    /// tried again the next time. Never writes over a head that the log does not lead to.
    void note();

    /// What the files say, for AuditServant.
    std::vector<RememberedHead> remembered() const;

    /// What the file of one says.
    RememberedHead read(const RepositoryRecord& repository) const;

  private:
    void write(const RepositoryRecord& repository, const AuditHead& head) const;
    std::string sealOf(const std::string& text) const;

    const AuditLog& log_;
    const ServerRepositories& repositories_;
    const SecretKey key_;
};

}  // namespace coffer
