#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/repository/local_folder.h"
#include "core/repository/repository.h"
#include "core/storage/local_store.h"
#include "core/storage/read_only_store.h"
#include "management_server/solo/state_folder.h"

namespace coffer::solo {

/// A repository folder and its state folder on this machine, opened as a verb needs them. Who
/// changes something holds both locks, the state's first, for as long as the place lives; who looks
/// holds the state's lock only while opening, and does without it when another program has it.
class Place {
  public:
    /// Opens a repository for reading.
    static std::unique_ptr<Place> look(const GlobalOptions& options);

    /// Opens it for changes, and forgets what is due in the trash and was when it was last opened
    /// so, an hour ago or more. Throws Error(busy) while another program changes it.
    static std::unique_ptr<Place> change(const GlobalOptions& options);

    /// Opens it for changes after removing databases, which opening then makes anew.
    enum class Rebuild {
        index,     // the chunk index
        databases  // repo.db too, and with it the memory of how far the manifest was seen
    };
    static std::unique_ptr<Place> rebuild(const GlobalOptions& options, Rebuild what);

    /// Makes a repository, its state, and this machine's agent.
    static std::unique_ptr<Place> create(const GlobalOptions& options);

    /// Takes a repository over from a server that was lost, into an empty state folder.
    static std::unique_ptr<Place> adopt(const GlobalOptions& options, const RecoveryKit& kit);

    Repository& repository() { return *repository_; }
    const std::string& folder() const { return folder_; }
    StateFolder& state() { return *state_; }
    const Clock& clock() const { return clock_; }
    Disk& disk() { return *disk_; }

    /// Who makes the backups on this machine. Throws Error(notFound) when its keys are missing.
    AgentIdentity agent();

    /// Throws Error(invalidArgument) when a folder, canonical, is the state folder or lies in it.
    void requireOutsideState(const std::string& folder) const;

  private:
    explicit Place(const GlobalOptions& options);
    static std::unique_ptr<Place> lockExisting(const GlobalOptions& options);
    RepositoryPlace partsToLook() {
        return {looking_, state_->keys(), state_->databases(), clock_};
    }
    RepositoryPlace parts() { return {store_, state_->keys(), state_->databases(), clock_}; }
    void findState(const GlobalOptions& options, const RepositoryId& id);
    void requireState();
    void requireNoState();
    void lockForChange();
    void openForChange();
    void addAgent();
    void removeDatabaseFile(const std::string& name);

    std::unique_ptr<Disk> disk_;
    std::string folder_;
    LocalStore store_;
    ReadOnlyStore looking_{store_};
    SystemClock clock_;
    std::optional<StateFolder> state_;
    std::optional<RepositoryLocks> locks_;
    std::optional<Repository> repository_;
};

/// The config of the repository in a folder. Throws Error(notFound), (unsupported), (corrupt).
RepositoryConfig readConfig(ObjectStore& store, const std::string& folder);

}  // namespace coffer::solo
