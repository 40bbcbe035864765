#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/repository/local_folder.h"
#include "core/repository/repository.h"
#include "core/storage/local_store.h"
#include "core/storage/metered_store.h"

namespace coffer {

/// Throws Error(invalidArgument) unless it can be the name of a repository: 1 to 64 letters,
/// digits, '.', '-' and '_', the first a letter or a digit.
void checkRepositoryName(std::string_view name);

/// Where the server keeps what it knows of a repository, in its own folder of it.
std::string databasesOf(const std::string& ownFolder);

/// What the server's own folder says of a repository that need not be there.
struct OwnFacts {
    RepositoryId id;
    bool kitConfirmed = false;
};

/// Nothing without keys.
std::optional<OwnFacts> readOwnFacts(Disk& disk, const std::string& ownFolder);

/// A repository of the server: its folder, and the server's own folder of it, in which lie
///
///     state/      the private keys
///     databases/  repo.db, the chunk index and the catalogue
///     folder      where the repository lies, for a server that has lost server.db
///     removed     that it is to go, and when, for the same (ServerRepositories)
///     lock
///
/// Holds the locks of both while it lives, alone or shared. Safe to share between threads.
class RepositoryFolder {
  public:
    /// Takes the locks of a repository that is there. Throws Error(busy), (notFound) without keys.
    /// Paths are canonical; disk and clock outlive it. `shared`: with a store that runs beside the
    /// server.
    RepositoryFolder(Disk& disk, const Clock& clock, const std::string& folder,
                     const std::string& ownFolder, bool shared = false);

    /// Keeps the keys from a store beside the server as long as the root seed lies with them, as
    /// opening it shared does. Nothing happens without keys. Throws what reading them throws.
    static void keepSeedFromGroup(Disk& disk, const std::string& ownFolder);

    /// Makes a repository in a folder that is absent or empty, then calls `enter`. What it has made
    /// is gone again when any of it fails. Throws Error(alreadyExists) for a folder that is not
    /// empty, (conflict) when the server's own folder holds keys, which are not to be lost.
    static void create(Disk& disk, const Clock& clock, const std::string& folder,
                       const std::string& ownFolder, const std::function<void()>& enter);

    /// Takes over, with its recovery kit, a repository whose server is lost, then calls `enter`.
    /// The server's own folder gets its keys; the repository's folder stays when it fails. Throws
    /// Error(notFound) without a repository there, (conflict) as create, (wrongKey) and what else
    /// Repository::adopt throws.
    static void adopt(Disk& disk, const Clock& clock, const std::string& folder,
                      const std::string& ownFolder, const RecoveryKit& kit,
                      const std::function<void()>& enter);

    /// Throws unless the server's own folder has the keys of what lies in `folder`: Error(notFound)
    /// when there is no repository, or no keys, (wrongKey) when there is another.
    static void requireOwn(Disk& disk, const std::string& folder, const std::string& ownFolder);

    /// Throws unless what lies in `folder` may be deleted: as requireOwn, Error(conflict) when
    /// another server has taken it over, or it is a replica, (busy).
    static void requireDeletable(Disk& disk, const std::string& folder,
                                 const std::string& ownFolder);

    /// Deletes what makes up the repository in its folder, config last; what else lies there stays.
    /// Safe to repeat after a crash. Throws as requireDeletable; then nothing is deleted.
    /// Error(cancelled) between two files when it is `stopping`.
    static void deleteData(Disk& disk, const std::string& folder, const std::string& ownFolder,
                           const std::function<bool()>& stopping);

    /// Deletes the server's own folder: keys first, the file `last` in it last of all. Durable when
    /// it returns; safe to repeat after a crash.
    static void deleteOwn(Disk& disk, const std::string& ownFolder, const std::string& last);

    RepositoryPlace place() {
        return {metered_, keys_, databases_, clock_, std::nullopt, sharing_};
    }

    /// What the folder was asked for since it was opened.
    StoreMetrics metrics() const { return metered_.metrics(); }

  private:
    const Clock& clock_;
    const std::optional<Sharing> sharing_;
    LocalStore store_;
    MeteredStore metered_{store_};
    LocalStore keys_;
    const std::string databases_;
    const RepositoryLocks locks_;
};

}  // namespace coffer
