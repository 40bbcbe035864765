#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/guarded.h"
#include "core/rpc/store/repository_provider.h"
#include "core/storage/disk.h"
#include "management_server/database/server_database.h"
#include "management_server/repositories/removal_table.h"
#include "management_server/repositories/repository_folder.h"

namespace coffer {

/// A repository as server.db knows it.
struct RepositoryRecord {
    std::string name;
    std::string folder;                   // canonical
    std::optional<Removal> removal = {};  // it is to go, and nobody opens it
};

/// By name, also those that are removed; of a database of any schema.
std::vector<RepositoryRecord> repositoriesIn(SqlDatabase& database);

/// One of them. Throws Error(notFound).
RepositoryRecord readRepository(SqlDatabase& database, const std::string& name);

/// Throws Error(conflict), saying until when, for one that is removed.
void requireInService(const RepositoryRecord& record);

/// In the folder of a repository: what it knows of the server's audit log (AuditWitness).
inline std::string auditHeadOf(const std::string& folder) {
    return folder + "/audit-head";
}

/// In the server's own folder of a repository: it is to be taken over, for it was away when the
/// server was restored. The first opening does it, and removes this file.
inline constexpr const char* takeOverFile = "take-over";

/// Likewise: it is removed, until a time (seconds since 1970).
inline constexpr const char* removedFile = "removed";

/// The repositories of this server. Each is opened once, with the locks of a program that changes
/// it, and stays open. Safe to share between threads; opening one keeps nobody from another.
class ServerRepositories : public rpc::RepositoryProvider {
  public:
    /// Keeps what belongs to a repository below `stateFolder`/repositories/NAME. `shared`: with a
    /// store that runs beside the server. All arguments but the text outlive it.
    ServerRepositories(ServerDatabase& database, Disk& disk, const std::string& stateFolder,
                       const Clock& clock, bool shared = false);

    /// Opens it; one that is open recovers when a write to it has failed. When another program has
    /// recorded something there, onChange's listener is told. Throws Error(notFound), (conflict)
    /// for one that is removed, (busy), and what opening throws.
    std::shared_ptr<Repository> open(const std::string& name) override;

    /// What the repository's folder was asked for since it was opened; all 0 before that.
    StoreMetrics metrics(const std::string& name);

    /// Tells onChange's listener.
    void changed(const std::string& name) override;

    /// Looks into those that are open for what another program has recorded, and brings their
    /// indexes along. May wait for an append.
    void lookForChanges();

    /// Called once, before others use this. The listener is quick and never throws.
    void onChange(std::function<void(const std::string& name)> listener);

    /// Keeps the keys of all whose recovery kit is not confirmed from a store beside the server,
    /// before that is let in.
    void keepSeedsFromGroup() const;

    /// Where the server keeps what it knows of a repository.
    std::string databasesOf(const std::string& name) const {
        return coffer::databasesOf(ownFolderOf(name));
    }

    RepositoryRecord get(const std::string& name) const;  // Error(notFound)
    std::vector<RepositoryRecord> list() const;           // by name, also those that are removed
    std::vector<RepositoryRecord> inService() const;      // likewise, without these

    /// Nothing without keys.
    std::optional<OwnFacts> ownFacts(const std::string& name) const {
        return readOwnFacts(disk_, ownFolderOf(name));
    }

    /// Makes a repository. `folder` is an absolute path, of a folder that is absent or empty and
    /// neither in nor around the server's state or another repository. Throws
    /// Error(invalidArgument), (alreadyExists), (limitExceeded) and what making folders throws.
    void create(const std::string& name, const std::string& folder);

    /// Takes a repository over whose server is lost: a folder that holds one, and its recovery kit.
    /// The former server, should it come back, can read but no longer write. Throws as create,
    /// Error(notFound) when there is none, (wrongKey) when the kit is another's.
    void adopt(const std::string& name, const std::string& folder, const RecoveryKit& kit);

    /// From now on it is removed: nobody opens it any more. `check` can refuse that, within the
    /// transaction. Throws Error(notFound), (conflict) when it is removed already.
    void remove(const std::string& name, const Removal& removal,
                const std::function<void(SqlDatabase&)>& check);

    /// Looks at server.db; what `look` throws comes out.
    void inspect(const std::function<void(SqlDatabase&)>& look) const { database_.read(look); }

    /// Takes that back, with `more` within the transaction; false, and nothing happens, for one
    /// that is not removed. Throws Error(notFound), also when its deletion has begun.
    bool keep(const std::string& name, const std::function<void(SqlDatabase&)>& more);

    /// Closes one that is removed; false while somebody still reads or writes.
    bool close(const std::string& name);

    /// What became of what lay in the folder of one that was deleted.
    struct DataFate {
        RepositoryRecord record;  // as it was removed
        bool deleted = false;
        std::string problem;  // why it stays although its deletion was asked for
    };

    /// The first step of deleting one that is removed, due and closed, behind which it cannot be
    /// kept: what lies in its folder, if that was asked for and may be. Safe to repeat. Throws
    /// Error(notFound), also for some days when the folder is away, (conflict) for one that was
    /// kept or is not due, (busy), (cancelled) when it is `stopping`.
    DataFate deleteData(const std::string& name, const std::function<bool()>& stopping);

    /// The second: what the server keeps of it, then what server.db says, of which `forget` does
    /// the rest within the transaction. Safe to repeat.
    void forget(const std::string& name, const std::function<void(SqlDatabase&)>& forget);

    /// Enters again what server.db has forgotten: repositories whose keys are in the state folder,
    /// which also remembers where they lie, and that they are removed. Gives their names. For the
    /// start of a server.
    std::vector<std::string> enterForgotten();

  private:
    struct Opened;
    struct Creation {};
    using Slot = Guarded<std::shared_ptr<Opened>>;

    using Records = std::shared_ptr<const std::vector<RepositoryRecord>>;

    std::shared_ptr<Slot> slotOf(const std::string& name);
    Records records() const;

    /// Records are read anew afterwards.
    template <typename Change>
    auto changeRecords(const Change& change) {
        struct Anew {
            Guarded<Records>& records;
            ~Anew() {
                records.with([](Records& known) { known.reset(); });
            }
        } const anew{records_};
        return database_.change(change);
    }

    std::string ownFolderOf(const std::string& name) const { return own_ + "/" + name; }
    std::string removedMarkOf(const std::string& name) const {
        return ownFolderOf(name) + "/" + removedFile;
    }
    void requireFree(const std::string& name, const std::string& folder) const;
    void enter(const std::string& name, const std::string& folder,
               const std::optional<Removal>& removal = {});
    void takeOverIfDue(const RepositoryRecord& record, RepositoryFolder& folder) const;
    void rememberFolder(const std::string& name, const std::string& folder) const;
    void rememberRemoval(const RepositoryRecord& record) const;
    std::optional<Removal> rememberedRemoval(const std::string& name) const;
    bool enterAgain(const std::string& name);
    std::optional<Error> refusalToDelete(const RepositoryRecord& record) const;
    RepositoryRecord beginToDelete(const std::string& name, bool dataGoes);

    ServerDatabase& database_;
    Disk& disk_;
    const Clock& clock_;
    const std::string stateFolder_;
    const std::string own_;
    const bool shared_;
    std::function<void(const std::string& name)> changed_;
    Guarded<std::map<std::string, std::shared_ptr<Slot>>> slots_;
    mutable Guarded<Records> records_;  // as the database has them; nothing: not known
    Guarded<Creation> creation_;
};

}  // namespace coffer
