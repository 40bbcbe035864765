#include "management_server/repositories/server_repositories.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/paths.h"
#include "core/base/printable.h"
#include "core/service/log.h"
#include "core/trust/private_file.h"
#include "management_server/database/columns.h"

namespace coffer {

namespace {

constexpr std::size_t mostRepositories = 1'000;

constexpr const char* folderFile = "folder";  // says where the repository lies

std::string absolute(Disk& disk, const std::string& folder) {
    if (!folder.starts_with('/')) {
        throw Error(ErrorCode::invalidArgument,
                    "the folder of a repository needs an absolute path");
    }
    return disk.canonical(folder);
}

}  // namespace

/// An open repository, with the folders and locks that it needs.
struct ServerRepositories::Opened {
    explicit Opened(std::shared_ptr<RepositoryFolder> where)
        : folder(std::move(where)), repository(folder->place(), Repository::Access::write) {}

    std::shared_ptr<RepositoryFolder> folder;
    Repository repository;
};

ServerRepositories::ServerRepositories(ServerDatabase& database, Disk& disk,
                                       const std::string& stateFolder, const Clock& clock)
    : database_(database),
      disk_(disk),
      clock_(clock),
      stateFolder_(disk.canonical(stateFolder)),
      own_(stateFolder_ + "/repositories") {}

std::shared_ptr<ServerRepositories::Slot> ServerRepositories::slotOf(const std::string& name) {
    return slots_.with([&](auto& slots) {
        std::shared_ptr<Slot>& slot = slots[name];
        if (!slot) slot = std::make_shared<Slot>();
        return slot;
    });
}

std::shared_ptr<Repository> ServerRepositories::open(const std::string& name) {
    const RepositoryRecord record = get(name);
    const auto slot = slotOf(name);
    return slot->with([&](std::shared_ptr<Opened>& opened) {
        if (opened && !opened->repository.canWrite()) {
            log(LogLevel::warning, "repository.reopen", {{"repository", name}});
        }
        if (!opened || !opened->repository.canWrite()) {
            during("repository " + name, [&] {
                // The locks are held by the one before, which may still be read from.
                auto folder = opened ? opened->folder
                                     : std::make_shared<RepositoryFolder>(
                                           disk_, clock_, record.folder, ownFolderOf(name));
                takeOverIfDue(record, *folder);
                opened = std::make_shared<Opened>(std::move(folder));
            });
        }
        return std::shared_ptr<Repository>(opened, &opened->repository);
    });
}

void ServerRepositories::takeOverIfDue(const RepositoryRecord& record,
                                       RepositoryFolder& folder) const {
    const std::string mark = ownFolderOf(record.name) + "/" + takeOverFile;
    if (!disk_.stat(mark)) return;
    Repository::takeOver(folder.place());
    // It knows of records that the lost server made after its last backup.
    removeIfThere(disk_, auditHeadOf(record.folder));
    disk_.unlink(mark);  // last: cut short before this, it is simply done again
    log(LogLevel::warning, "repository.taken-over",
        {{"repository", record.name}, {"folder", record.folder}});
}

StoreMetrics ServerRepositories::metrics(const std::string& name) {
    return slotOf(name)->with([](const std::shared_ptr<Opened>& opened) {
        return opened ? opened->folder->metrics() : StoreMetrics{};
    });
}

void ServerRepositories::changed(const std::string& name) {
    if (changed_) changed_(name);
}

void ServerRepositories::onChange(std::function<void(const std::string& name)> listener) {
    changed_ = std::move(listener);
}

RepositoryRecord ServerRepositories::get(const std::string& name) const {
    return database_.read([&](SqlDatabase& database) {
        SqlStatement query = database.prepare("SELECT folder FROM repositories WHERE name=?");
        bindText(query, 1, name);
        if (!query.step()) {
            throw Error(ErrorCode::notFound,
                        "there is no repository '" + printable(name.substr(0, 100)) + "'");
        }
        return RepositoryRecord{name, textAt(query, 0)};
    });
}

std::vector<RepositoryRecord> ServerRepositories::list() const {
    return database_.read([&](SqlDatabase& database) {
        SqlStatement query =
            database.prepare("SELECT name, folder FROM repositories ORDER BY name");
        std::vector<RepositoryRecord> records;
        while (query.step()) records.push_back({textAt(query, 0), textAt(query, 1)});
        return records;
    });
}

void ServerRepositories::create(const std::string& name, const std::string& folder) {
    checkRepositoryName(name);
    const std::string path = absolute(disk_, folder);
    // One at a time: two that saw the same empty folder would take it from each other.
    creation_.with([&](Creation&) {
        requireFree(name, path);
        RepositoryFolder::create(disk_, clock_, path, ownFolderOf(name),
                                 [&] { enter(name, path); });
    });
    log(LogLevel::info, "repository.created", {{"repository", name}, {"folder", path}});
}

void ServerRepositories::adopt(const std::string& name, const std::string& folder,
                               const RecoveryKit& kit) {
    checkRepositoryName(name);
    const std::string path = absolute(disk_, folder);
    creation_.with([&](Creation&) {
        requireFree(name, path);
        RepositoryFolder::adopt(disk_, clock_, path, ownFolderOf(name), kit,
                                [&] { enter(name, path); });
        // The former server's, sealed with its key.
        removeIfThere(disk_, auditHeadOf(path));
    });
    changed(name);
    log(LogLevel::warning, "repository.adopted", {{"repository", name}, {"folder", path}});
}

void ServerRepositories::enter(const std::string& name, const std::string& folder) {
    rememberFolder(name, folder);
    database_.change([&](SqlDatabase& database) {
        SqlStatement insert =
            database.prepare("INSERT INTO repositories(name, folder) VALUES(?, ?)");
        bindText(insert, 1, name);
        bindText(insert, 2, folder);
        insert.run();
    });
}

void ServerRepositories::rememberFolder(const std::string& name, const std::string& folder) const {
    writePrivateFile(ownFolderOf(name) + "/" + folderFile, folder + "\n");
}

std::vector<std::string> ServerRepositories::enterForgotten() {
    std::vector<std::string> found;
    if (!disk_.stat(own_)) return found;
    for (const DiskEntry& entry : disk_.list(own_)) {
        if (entry.kind != DiskKind::folder) continue;
        try {
            if (enterAgain(entry.name)) found.push_back(entry.name);
        } catch (const Error& error) {
            // One that is broken must not keep the server from the others.
            log(LogLevel::error, "repository.not-entered",
                {{"repository", entry.name}, {"message", error.what()}});
        }
    }
    return found;
}

// False when it is known already, or nothing tells where it lies.
bool ServerRepositories::enterAgain(const std::string& name) {
    checkRepositoryName(name);
    const std::vector<RepositoryRecord> known = list();
    const auto record = std::ranges::find(known, name, &RepositoryRecord::name);
    const std::string file = ownFolderOf(name) + "/" + folderFile;
    if (record != known.end()) {
        if (!disk_.stat(file)) rememberFolder(name, record->folder);
        return false;
    }
    if (!disk_.stat(file) || !disk_.stat(ownFolderOf(name) + "/state/server-keys")) return false;
    std::string folder = readTextFile(file);
    while (folder.ends_with('\n')) folder.pop_back();
    folder = absolute(disk_, folder);
    creation_.with([&](Creation&) {
        requireFree(name, folder);
        enter(name, folder);
    });
    log(LogLevel::warning, "repository.entered-again", {{"repository", name}, {"folder", folder}});
    return true;
}

void ServerRepositories::requireFree(const std::string& name, const std::string& folder) const {
    const std::vector<RepositoryRecord> others = list();
    for (const RepositoryRecord& other : others) {
        if (other.name == name) {
            throw Error(ErrorCode::alreadyExists, "there is a repository " + name +
                                                      " already, in " + printable(other.folder));
        }
    }
    if (others.size() >= mostRepositories) {
        throw Error(ErrorCode::limitExceeded, "there are too many repositories already");
    }
    const auto requireApart = [&](const std::string& other, const std::string& what) {
        if (isWithin(folder, other) || isWithin(other, folder)) {
            throw Error(ErrorCode::invalidArgument,
                        printable(folder) + " lies in or around " + what + ", " + printable(other));
        }
    };
    requireApart(stateFolder_, "the server's state");
    for (const RepositoryRecord& other : others) {
        requireApart(other.folder, "the repository " + other.name);
    }
}

}  // namespace coffer
