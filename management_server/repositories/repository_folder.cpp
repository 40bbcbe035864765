#include "management_server/repositories/repository_folder.h"

#include <algorithm>
#include <boost/filesystem.hpp>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/repository/config_format.h"
#include "core/repository/owner.h"
#include "core/repository/server_state.h"
#include "core/repository/store_mark.h"
#include "core/rpc/store/handed_over.h"

namespace coffer {

namespace {

namespace fs = boost::filesystem;

constexpr std::size_t longestName = 64;
constexpr const char* keysName = "server-keys";

// What a server makes in the folder of a repository (docs/formats/repository.md). Without the last
// one it is no repository any more.
constexpr const char* ofRepository[] = {"packs", "snapshots",  "runs",       "server",
                                        "tmp",   "audit-head", "manifest",   "owner",
                                        "store", "keys",       "README.txt", "config"};

std::string keysOf(const std::string& ownFolder) {
    return ownFolder + "/state";
}

// A store beside the server has no use for the root seed, and no backup begins before the kit is
// confirmed: then the keys are written anew, without it and for the group.
void keepFromGroup(const std::string& ownFolder) {
    const std::string file = keysOf(ownFolder) + "/" + keysName;
    boost::system::error_code failure;
    fs::permissions(file, fs::owner_read | fs::owner_write, failure);
    if (failure) throw Error::fromErrno(failure.value(), "keep others from " + printable(file));
}

constexpr const char* program = "server";  // among those that share a repository

std::optional<Sharing> sharingOf(const std::string& ownFolder, bool shared) {
    if (!shared) return {};
    return Sharing{ownFolder, program, "index"};
}

RepositoryLocks lock(Disk& disk, const std::string& folder, const std::string& ownFolder) {
    makeFiles(disk, {ownFolder + "/lock", folder + "/lock"});
    return lockForChange(ownFolder + "/lock", folder);
}

// What every new file system has, and our own lock.
bool countsAsNothing(const std::string& name) {
    return name == "lost+found" || name == "lock";
}

void requireEmpty(Disk& disk, const std::string& folder) {
    for (const DiskEntry& entry : disk.list(folder)) {
        if (countsAsNothing(entry.name)) continue;
        throw Error(ErrorCode::alreadyExists, printable(folder) + " is not empty: it holds " +
                                                  printable(entry.name.substr(0, 100)));
    }
}

void requireNoKeys(Disk& disk, const std::string& ownFolder) {
    if (!LocalStore(disk, keysOf(ownFolder)).size(keysName)) return;
    throw Error(ErrorCode::conflict,
                printable(ownFolder) +
                    " holds the keys of a repository that the server does not know: move that "
                    "folder to a safe place first, or choose another name");
}

// Each file on its own: there may be millions of packs.
void removeTree(const fs::path& path, const std::function<bool()>& stopping) {
    if (stopping()) throw Error(ErrorCode::cancelled, "the server is to stop");
    if (fs::symlink_status(path).type() == fs::directory_file) {
        std::vector<fs::path> entries;
        for (const auto& entry : fs::directory_iterator(path)) entries.push_back(entry.path());
        for (const fs::path& entry : entries) removeTree(entry, stopping);
    }
    fs::remove(path);
}

/// Takes away again what a creation has made, unless it is kept.
class Unfinished {
  public:
    /// The folder is empty, so all that it will hold is ours.
    Unfinished(const std::string& folder, bool madeFolder, const std::string& ownFolder)
        : folder_(folder), madeFolder_(madeFolder), ownFolder_(ownFolder) {}
    ~Unfinished() {
        if (kept_) return;
        boost::system::error_code ignored;
        fs::remove_all(ownFolder_, ignored);
        if (madeFolder_) fs::remove_all(folder_, ignored);
        for (fs::directory_iterator at(folder_, ignored), end; !ignored && at != end;
             at.increment(ignored)) {
            boost::system::error_code ofOne;
            if (at->path().filename() != "lost+found") fs::remove_all(at->path(), ofOne);
        }
    }
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;

    void keep() { kept_ = true; }

  private:
    const std::string folder_;
    const bool madeFolder_;
    const std::string ownFolder_;
    bool kept_ = false;
};

}  // namespace

std::string databasesOf(const std::string& ownFolder) {
    return ownFolder + "/databases";
}

void checkRepositoryName(std::string_view name) {
    const auto isPlain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const bool good = !name.empty() && name.size() <= longestName && isPlain(name.front()) &&
                      std::ranges::all_of(name, [&](char c) {
                          return isPlain(c) || c == '.' || c == '-' || c == '_';
                      });
    if (good) return;
    throw Error(ErrorCode::invalidArgument,
                "'" + printable(name.substr(0, longestName)) +
                    "' cannot be the name of a repository: letters, digits, '.', '-' and '_', at "
                    "most 64, the first a letter or a digit");
}

std::optional<OwnFacts> readOwnFacts(Disk& disk, const std::string& ownFolder) {
    LocalStore keys(disk, keysOf(ownFolder));
    if (!keys.size(keysName)) return {};
    const ServerState state = ServerState::load(keys);
    return OwnFacts{state.repositoryId, !state.rootSeed};
}

RepositoryFolder::RepositoryFolder(Disk& disk, const Clock& clock, const std::string& folder,
                                   const std::string& ownFolder, bool shared)
    : clock_(clock),
      sharing_(sharingOf(ownFolder, shared)),
      store_(disk, folder, shared ? program : ""),
      keys_(disk, keysOf(ownFolder)),
      databases_(databasesOf(ownFolder)),
      locks_([&] {
          if (!keys_.size(keysName)) {
              throw Error(ErrorCode::notFound, "the keys of the repository are missing in " +
                                                   printable(keysOf(ownFolder)));
          }
          if (!disk.stat(folder)) {
              throw Error(ErrorCode::notFound, "there is no folder " + printable(folder));
          }
          if (!shared) return lock(disk, folder, ownFolder);
          makeFolders(disk, databases_);
          makeFiles(disk, rpc::RepositoryOwn{ownFolder}.sharedFiles(folder));
          return lockToShare(ownFolder + "/lock", folder, Sharing::lockOf(ownFolder, program));
      }()) {
    makeFolders(disk, databases_);
    store_.clearTemporary();
    keys_.clearTemporary();
    if (shared) keepSeedFromGroup(disk, ownFolder);
}

void RepositoryFolder::keepSeedFromGroup(Disk& disk, const std::string& ownFolder) {
    const auto own = readOwnFacts(disk, ownFolder);
    if (own && !own->kitConfirmed) keepFromGroup(ownFolder);
}

void RepositoryFolder::create(Disk& disk, const Clock& clock, const std::string& folder,
                              const std::string& ownFolder, const std::function<void()>& enter) {
    requireNoKeys(disk, ownFolder);
    const auto there = disk.stat(folder);
    if (there && there->kind != DiskKind::folder) {
        throw Error(ErrorCode::alreadyExists, printable(folder) + " is no folder");
    }
    makeFolders(disk, folder);
    makeFolders(disk, ownFolder);
    const RepositoryLocks locks = lock(disk, folder, ownFolder);
    requireEmpty(disk, folder);
    Unfinished unfinished(folder, !there, ownFolder);
    const std::string databases = databasesOf(ownFolder);
    fs::remove_all(databases);  // of a creation that was cut short
    makeFolders(disk, databases);
    LocalStore store(disk, folder);
    makeFolders(disk, keysOf(ownFolder));
    const std::unique_ptr<Disk> own = makeSystemDisk();  // as keepFromGroup()
    LocalStore keys(*own, keysOf(ownFolder));
    Repository::create({store, keys, databases, clock});
    writeReadme(disk, folder);
    enter();
    unfinished.keep();
}

void RepositoryFolder::adopt(Disk& disk, const Clock& clock, const std::string& folder,
                             const std::string& ownFolder, const RecoveryKit& kit,
                             const std::function<void()>& enter) {
    requireNoKeys(disk, ownFolder);
    if (!disk.stat(folder)) {
        throw Error(ErrorCode::notFound, "there is no folder " + printable(folder));
    }
    makeFolders(disk, ownFolder);
    const RepositoryLocks locks = lock(disk, folder, ownFolder);
    const std::string databases = databasesOf(ownFolder);
    fs::remove_all(databases);  // of whatever was there before
    makeFolders(disk, databases);
    LocalStore store(disk, folder);
    LocalStore keys(disk, keysOf(ownFolder));
    Repository::adopt({store, keys, databases, clock}, kit);
    enter();
}

void RepositoryFolder::requireOwn(Disk& disk, const std::string& folder,
                                  const std::string& ownFolder) {
    const auto own = readOwnFacts(disk, ownFolder);
    if (!own) throw Error(ErrorCode::notFound, "its keys are missing");
    LocalStore store(disk, folder);
    if (!store.size(config_format::configName)) {
        throw Error(ErrorCode::notFound, "there is no repository in " + printable(folder));
    }
    if (RepositoryConfig::read(store).repositoryId != own->id) {
        throw Error(ErrorCode::wrongKey, "another repository lies in " + printable(folder));
    }
}

void RepositoryFolder::requireDeletable(Disk& disk, const std::string& folder,
                                        const std::string& ownFolder) {
    requireOwn(disk, folder, ownFolder);
    LocalStore store(disk, folder);
    LocalStore keys(disk, keysOf(ownFolder));
    // It has the config and the owner of the repository whose place it took.
    if (isReplica(store)) {
        throw Error(ErrorCode::conflict, "a replica lies in " + printable(folder));
    }
    // Of a deletion that was cut short it may be gone.
    if (store.size(config_format::ownerName) &&
        readOwner(store, RepositoryConfig::read(store).server).owner !=
            ServerState::load(keys).owner) {
        throw Error(ErrorCode::conflict, "another server has taken it over");
    }
}

void RepositoryFolder::deleteData(Disk& disk, const std::string& folder,
                                  const std::string& ownFolder,
                                  const std::function<bool()>& stopping) {
    requireOwn(disk, folder, ownFolder);
    const RepositoryLocks locks = lock(disk, folder, ownFolder);
    requireDeletable(disk, folder, ownFolder);
    for (const char* name : ofRepository) removeTree(folder + "/" + name, stopping);
    disk.syncFolder(folder);
    fs::remove(folder + "/lock");
    boost::system::error_code notEmpty;
    fs::remove(folder, notEmpty);
}

void RepositoryFolder::deleteOwn(Disk& disk, const std::string& ownFolder,
                                 const std::string& last) {
    if (!disk.stat(ownFolder)) return;
    fs::remove_all(keysOf(ownFolder));
    for (const DiskEntry& entry : disk.list(ownFolder)) {
        if (entry.name != last) fs::remove_all(ownFolder + "/" + entry.name);
    }
    disk.syncFolder(ownFolder);
    fs::remove_all(ownFolder);
    disk.syncFolder(parentOf(ownFolder));
}

}  // namespace coffer
