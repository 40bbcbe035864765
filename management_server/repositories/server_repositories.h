#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/rpc/store/repository_provider.h"
#include "core/storage/disk.h"
#include "management_server/database/server_database.h"
#include "management_server/repositories/repository_folder.h"

namespace coffer {

/// A repository as server.db knows it.
struct RepositoryRecord {
    std::string name;
    std::string folder;  // canonical
};

/// In the folder of a repository: what it knows of the server's audit log (AuditWitness).
inline std::string auditHeadOf(const std::string& folder) {
    return folder + "/audit-head";
}

/// In the server's own folder of a repository: it is to be taken over, for it was away when the
/// server was restored. The first opening does it, and removes this file.
inline constexpr const char* takeOverFile = "take-over";

/// The repositories of this server. Each is opened once, with the locks of a program that changes
/// it, and stays open. Safe to share between threads; opening one keeps nobody from another.
class ServerRepositories : public rpc::RepositoryProvider {
  public:
    /// Keeps what belongs to a repository below `stateFolder`/repositories/NAME. All arguments but
    /// the text outlive it.
    ServerRepositories(ServerDatabase& database, Disk& disk, const std::string& stateFolder,
                       const Clock& clock);

    /// Opens it, or opens it again when a write to it has failed. Throws Error(notFound), (busy),
    /// and what opening throws.
    std::shared_ptr<Repository> open(const std::string& name) override;

    /// What the repository's folder was asked for since it was opened; all 0 before that.
    StoreMetrics metrics(const std::string& name);

    /// Tells onChange's listener.
    void changed(const std::string& name) override;

    /// Called once, before others use this. The listener is quick and never throws.
    void onChange(std::function<void(const std::string& name)> listener);

    /// Where the server keeps what it knows of a repository.
    std::string databasesOf(const std::string& name) const {
        return coffer::databasesOf(ownFolderOf(name));
    }

    RepositoryRecord get(const std::string& name) const;  // Error(notFound)
    std::vector<RepositoryRecord> list() const;           // by name

    /// Makes a repository. `folder` is an absolute path, of a folder that is absent or empty and
    /// neither in nor around the server's state or another repository. Throws
    /// Error(invalidArgument), (alreadyExists), (limitExceeded) and what making folders throws.
    void create(const std::string& name, const std::string& folder);

    /// Takes a repository over whose server is lost: a folder that holds one, and its recovery kit.
    /// The former server, should it come back, can read but no longer write. Throws as create,
    /// Error(notFound) when there is none, (wrongKey) when the kit is another's.
    void adopt(const std::string& name, const std::string& folder, const RecoveryKit& kit);

    /// Enters again what server.db has forgotten: repositories whose keys are in the state folder,
    /// which also remembers where they lie. Gives their names. For the start of a server.
    std::vector<std::string> enterForgotten();

  private:
    struct Opened;
    struct Creation {};
    using Slot = Guarded<std::shared_ptr<Opened>>;

    std::shared_ptr<Slot> slotOf(const std::string& name);
    std::string ownFolderOf(const std::string& name) const { return own_ + "/" + name; }
    void requireFree(const std::string& name, const std::string& folder) const;
    void enter(const std::string& name, const std::string& folder);
    void takeOverIfDue(const RepositoryRecord& record, RepositoryFolder& folder) const;
    void rememberFolder(const std::string& name, const std::string& folder) const;
    bool enterAgain(const std::string& name);

    ServerDatabase& database_;
    Disk& disk_;
    const Clock& clock_;
    const std::string stateFolder_;
    const std::string own_;
    std::function<void(const std::string& name)> changed_;
    Guarded<std::map<std::string, std::shared_ptr<Slot>>> slots_;
    Guarded<Creation> creation_;
};

}  // namespace coffer
