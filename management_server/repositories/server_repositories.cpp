#include "management_server/repositories/server_repositories.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/base/error.h"
#include "core/base/file_lock.h"
#include "core/base/paths.h"
#include "core/base/printable.h"
#include "core/rpc/store/handed_over.h"
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

constexpr const char* selectRecords =
    "SELECT name, folder, made, due, user, delete_data, begun FROM repositories"
    " LEFT JOIN removals ON repository=name";

RepositoryRecord recordAt(SqlStatement& row) {
    return {textAt(row, 0), textAt(row, 1), RemovalTable::at(row, 2)};
}

[[noreturn]] void throwUnknown(const std::string& name) {
    throw Error(ErrorCode::notFound,
                "there is no repository '" + printable(name.substr(0, 100)) + "'");
}

// Not in a database of before there were any.
bool hasRemovals(SqlDatabase& database) {
    SqlStatement there =
        database.prepare("SELECT 1 FROM sqlite_master WHERE type='table' AND name='removals'");
    return there.step();
}

}  // namespace

std::vector<RepositoryRecord> repositoriesIn(SqlDatabase& database) {
    std::vector<RepositoryRecord> records;
    SqlStatement query = database.prepare(
        hasRemovals(database)
            ? std::string(selectRecords) + " ORDER BY name"
            : "SELECT name, folder, 0, 0, x'', 0, 0 FROM repositories ORDER BY name");
    while (query.step()) records.push_back(recordAt(query));
    return records;
}

RepositoryRecord readRepository(SqlDatabase& database, const std::string& name) {
    SqlStatement query = database.prepare(std::string(selectRecords) + " WHERE name=?");
    bindText(query, 1, name);
    if (!query.step()) throwUnknown(name);
    return recordAt(query);
}

void requireInService(const RepositoryRecord& record) {
    if (!record.removal) return;
    throw Error(ErrorCode::conflict, "the repository " + record.name + " is removed until " +
                                         toIso8601(record.removal->due) + ": 'coffer repo keep " +
                                         record.name + "' takes it back");
}

/// An open repository, with the folders and locks that it needs.
struct ServerRepositories::Opened {
    explicit Opened(std::unique_ptr<RepositoryFolder> where)
        : folder(std::move(where)),
          repository(folder->place(), Repository::Access::write),
          told(repository.ledger().head().sequence) {}

    // Whoever asks the repository takes in what another program has recorded, and tells nobody.
    bool hasNews() {
        const std::uint64_t head = repository.ledger().head().sequence;
        return std::exchange(told, head) != head;
    }

    const std::unique_ptr<RepositoryFolder> folder;
    Repository repository;
    std::uint64_t told;  // the head that listeners know of
};

ServerRepositories::ServerRepositories(ServerDatabase& database, Disk& disk,
                                       const std::string& stateFolder, const Clock& clock,
                                       bool shared)
    : database_(database),
      disk_(disk),
      clock_(clock),
      stateFolder_(disk.canonical(stateFolder)),
      own_(stateFolder_ + "/repositories"),
      shared_(shared) {}

std::shared_ptr<ServerRepositories::Slot> ServerRepositories::slotOf(const std::string& name) {
    return slots_.with([&](auto& slots) {
        std::shared_ptr<Slot>& slot = slots[name];
        if (!slot) slot = std::make_shared<Slot>();
        return slot;
    });
}

std::shared_ptr<Repository> ServerRepositories::open(const std::string& name) {
    requireInService(get(name));
    const auto slot = slotOf(name);
    const auto repository = slot->with([&](std::shared_ptr<Opened>& opened) {
        if (opened && opened->repository.canWrite()) {
            return std::shared_ptr<Repository>(opened, &opened->repository);
        }
        // Once more: it may have been removed, and closed, meanwhile.
        const RepositoryRecord record = get(name);
        requireInService(record);
        during("repository " + name, [&] {
            if (opened) {
                log(LogLevel::warning, "repository.recover", {{"repository", name}});
                if (const auto failure = opened->repository.tryToRecover()) {
                    log(LogLevel::error, "repository.not-recovered",
                        {{"repository", name}, {"message", failure->what()}});
                }
            } else {
                auto folder = std::make_unique<RepositoryFolder>(disk_, clock_, record.folder,
                                                                 ownFolderOf(name), shared_);
                takeOverIfDue(record, *folder);
                opened = std::make_shared<Opened>(std::move(folder));
            }
        });
        return std::shared_ptr<Repository>(opened, &opened->repository);
    });
    if (!shared_) return repository;
    repository->refreshLedger();
    const bool isNews = slot->with(
        [](const std::shared_ptr<Opened>& opened) { return opened && opened->hasNews(); });
    if (isNews) changed(name);
    return repository;
}

void ServerRepositories::lookForChanges() {
    if (!shared_) return;
    for (const RepositoryRecord& record : inService()) {
        const auto isOpen = [](const std::shared_ptr<Opened>& opened) { return opened != nullptr; };
        if (slotOf(record.name)->with(isOpen)) open(record.name)->refresh();
    }
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

void ServerRepositories::keepSeedsFromGroup() const {
    for (const RepositoryRecord& record : list()) {
        try {
            RepositoryFolder::keepSeedFromGroup(disk_, ownFolderOf(record.name));
        } catch (const Error& error) {
            log(LogLevel::error, "repository.keys-unread",
                {{"repository", record.name}, {"error", error.what()}});
        }
    }
}

void ServerRepositories::onChange(std::function<void(const std::string& name)> listener) {
    changed_ = std::move(listener);
}

RepositoryRecord ServerRepositories::get(const std::string& name) const {
    const Records known = records();
    const auto found = std::ranges::find(*known, name, &RepositoryRecord::name);
    if (found == known->end()) throwUnknown(name);
    return *found;
}

std::vector<RepositoryRecord> ServerRepositories::list() const {
    return *records();
}

std::vector<RepositoryRecord> ServerRepositories::inService() const {
    std::vector<RepositoryRecord> records = list();
    std::erase_if(records,
                  [](const RepositoryRecord& record) { return record.removal.has_value(); });
    return records;
}

// In memory: threads that let others go first ask for it all the time, and whoever waits for the
// database would wait for them.
ServerRepositories::Records ServerRepositories::records() const {
    return records_.with([&](Records& known) {
        if (known) return known;
        known = std::make_shared<const std::vector<RepositoryRecord>>(
            database_.read([](SqlDatabase& database) { return repositoriesIn(database); }));
        return known;
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

void ServerRepositories::enter(const std::string& name, const std::string& folder,
                               const std::optional<Removal>& removal) {
    rememberFolder(name, folder);
    changeRecords([&](SqlDatabase& database) {
        SqlStatement insert =
            database.prepare("INSERT INTO repositories(name, folder) VALUES(?, ?)");
        bindText(insert, 1, name);
        bindText(insert, 2, folder);
        insert.run();
        if (removal) RemovalTable(database).enter(name, *removal);
    });
}

void ServerRepositories::rememberFolder(const std::string& name, const std::string& folder) const {
    replaceFile(disk_, ownFolderOf(name) + "/" + folderFile, bytesOf(folder + "\n"));
}

void ServerRepositories::rememberRemoval(const RepositoryRecord& record) const {
    if (!disk_.stat(ownFolderOf(record.name))) return;  // it was being forgotten
    writePrivateFile(removedMarkOf(record.name),
                     std::to_string(record.removal->due.seconds) + "\n");
}

// Of whom and with what nobody knows any more: what lies in its folder stays.
std::optional<Removal> ServerRepositories::rememberedRemoval(const std::string& name) const {
    const std::string mark = removedMarkOf(name);
    if (!disk_.stat(mark)) return {};
    const std::string text = readTextFile(mark);
    Removal removal;
    const auto [end, problem] =
        std::from_chars(text.data(), text.data() + text.size(), removal.due.seconds);
    if (problem != std::errc() || removal.due.seconds <= 0 || *end != '\n') {
        throw Error(ErrorCode::corrupt, printable(mark) + " holds no time");
    }
    removal.made = removal.due;
    return removal;
}

bool ServerRepositories::close(const std::string& name) {
    return slotOf(name)->with([&](std::shared_ptr<Opened>& opened) {
        // It is given out here alone, and not while it is removed.
        if (opened && opened.use_count() > 1) return false;
        opened.reset();
        // The store beside the server lets go of it, too.
        return !shared_ ||
               FileLock::tryTake(rpc::RepositoryOwn{ownFolderOf(name)}.lockFile()).has_value();
    });
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
        // Only what server.db does not know is looked for in files.
        if (record->removal) {
            rememberRemoval(*record);
        } else {
            removeIfThere(disk_, removedMarkOf(name));
        }
        return false;
    }
    if (!disk_.stat(file) || !disk_.stat(ownFolderOf(name) + "/state/server-keys")) return false;
    std::string folder = readTextFile(file);
    while (folder.ends_with('\n')) folder.pop_back();
    folder = absolute(disk_, folder);
    creation_.with([&](Creation&) {
        requireFree(name, folder);
        enter(name, folder, rememberedRemoval(name));
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
