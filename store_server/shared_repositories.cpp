#include "store_server/shared_repositories.h"

#include <boost/filesystem.hpp>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/repository/local_folder.h"
#include "core/service/log.h"
#include "core/storage/local_store.h"
#include "core/storage/object_name.h"
#include "core/trust/private_file.h"

namespace coffer {

namespace {

namespace fs = boost::filesystem;

constexpr const char* program = "store";
constexpr const char* indexName = "index-store";

// For the group, as all is, also when it was there before: the server removes it with the
// repository.
IndexPlace indexPlace(Disk& disk, const rpc::RepositoryOwn& own) {
    std::string folder = disk.canonical(own.databases()) + "/" + indexName;
    if (disk.stat(folder) && (fs::status(folder).permissions() & fs::group_all) != fs::group_all) {
        boost::system::error_code failure;
        fs::permissions(folder, fs::add_perms | fs::group_all, failure);
        if (failure) {
            throw Error::fromErrno(failure.value(), "let the group into " + printable(folder));
        }
    }
    return {disk, std::move(folder)};
}

void requireInService(Disk& disk, const rpc::RepositoryOwn& own) {
    if (disk.stat(own.removedFile())) {
        throw Error(ErrorCode::conflict, "the repository is removed");
    }
}

// Where the repository lies.
std::string placeOf(Disk& disk, const rpc::RepositoryOwn& own) {
    if (!disk.stat(own.placeFile())) {
        throw Error(ErrorCode::notFound, "the server has handed over no such repository");
    }
    if (disk.stat(own.takeOverFile())) {
        throw Error(ErrorCode::busy, "coffer-server has to take it over first");
    }
    std::string folder = readTextFile(own.placeFile());
    while (folder.ends_with('\n')) folder.pop_back();
    if (!disk.stat(folder)) {
        throw Error(ErrorCode::notFound, "there is no folder " + printable(folder));
    }
    return folder;
}

}  // namespace

/// The folders of a repository and the locks of it.
struct SharedRepositories::Folder {
    Folder(Disk& disk, const rpc::RepositoryOwn& its, const std::string& place)
        : own(its), store(disk, place, program), keys(disk, own.keys()), locks([&] {
              makeFiles(disk, own.sharedFiles(place));
              return lockToShare(own.lockFile(), place, Sharing::lockOf(own.folder, program));
          }()) {
        store.clearTemporary();
    }

    const rpc::RepositoryOwn own;
    LocalStore store;
    LocalStore keys;  // only read
    const RepositoryLocks locks;
};

struct SharedRepositories::Opened {
    Opened(Disk& disk, const rpc::RepositoryOwn& own, const Clock& clock)
        : folder(disk, own, placeOf(disk, own)),
          repository({.store = folder.store,
                      .state = folder.keys,
                      .databases = own.databases(),
                      .clock = clock,
                      .index = indexPlace(disk, own),
                      .sharing = Sharing{own.folder, program, indexName}},
                     Repository::Access::write) {}

    Folder folder;
    Repository repository;
};

std::shared_ptr<SharedRepositories::Slot> SharedRepositories::slotOf(const std::string& name) {
    return slots_.with([&](auto& slots) {
        std::shared_ptr<Slot>& slot = slots[name];
        if (!slot) slot = std::make_shared<Slot>();
        return slot;
    });
}

std::shared_ptr<Repository> SharedRepositories::open(const std::string& name) {
    if (!isObjectName(name) || name.find('/') != name.npos) {
        throw Error(ErrorCode::notFound, "there is no such repository");
    }
    const rpc::RepositoryOwn own{folder_ + "/" + name};
    const auto slot = slotOf(name);
    const auto opened = slot->with([&](std::shared_ptr<Opened>& kept) {
        requireInService(disk_, own);
        if (kept && kept->repository.canWrite()) return kept;
        during("repository " + name, [&] {
            if (kept) {
                log(LogLevel::warning, "repository.recover", {{"repository", name}});
                if (const auto failure = kept->repository.tryToRecover()) {
                    log(LogLevel::error, "repository.not-recovered",
                        {{"repository", name}, {"message", failure->what()}});
                }
            } else {
                kept = std::make_shared<Opened>(disk_, own, clock_);
                log(LogLevel::info, "repository.opened", {{"repository", name}});
            }
        });
        return kept;
    });
    opened->repository.refreshLedger();
    return {opened, &opened->repository};
}

void SharedRepositories::closeRemoved() {
    const auto slots = slots_.with([](const auto& all) { return all; });
    for (const auto& [name, slot] : slots) {
        slot->with([&](std::shared_ptr<Opened>& kept) {
            // Given out here alone, and not while it is removed.
            if (!kept || kept.use_count() > 1) return;
            if (!disk_.stat(kept->folder.own.removedFile())) return;
            kept.reset();
            log(LogLevel::info, "repository.closed", {{"repository", name}});
        });
    }
}

}  // namespace coffer
