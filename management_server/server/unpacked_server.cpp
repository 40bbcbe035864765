#include "management_server/server/unpacked_server.h"

#include <boost/filesystem.hpp>
#include <optional>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/repository/config_format.h"
#include "core/repository/server_backup.h"
#include "core/service/log.h"
#include "core/trust/private_file.h"
#include "management_server/server/own_files.h"

namespace coffer {

namespace {

namespace fs = boost::filesystem;

constexpr std::size_t largestFile = 1 << 20;  // but for the database
constexpr std::size_t mostFiles = 10'000;

// What a new file system has, and the caller's lock.
bool countsAsNothing(const std::string& name) {
    return name == "lost+found" || name == "lock";
}

// A full disk, another's kit or a newer format: an older backup is no better.
bool mayStandInAnOlder(const Error& error) {
    switch (error.code()) {
        case ErrorCode::corrupt:
        case ErrorCode::untrusted:
        case ErrorCode::ioError:   // a sector that cannot be read
        case ErrorCode::notFound:  // pruned meanwhile
            return true;
        default:
            return false;
    }
}

}  // namespace

/// Puts the files of a backup in their places as their parts come.
class UnpackedServer::Target {
  public:
    explicit Target(UnpackedServer& server) : server_(server), folder_(server.folder_) {}

    void append(const std::string& name, ByteView content) {
        if (name != name_) begin(name);
        if (writer_) {
            writer_->write(content);
        } else if (content_.size() + content.size() > largestFile) {
            throw Error(ErrorCode::corrupt, printable(name) + " is too large");
        } else {
            content_ += textOf(content);
        }
    }

    void finish() {
        end();
        if (server_.authority_.empty() || server_.repository_.empty() || !hasDatabase_) {
            throw Error(ErrorCode::corrupt, "a part of the server is missing in it");
        }
    }

  private:
    void begin(const std::string& name) {
        end();
        if (++files_ > mostFiles) throw Error(ErrorCode::corrupt, "it has too many files");
        name_ = name;
        if (name != databaseFile) return;
        writer_ = folder_.disk().create(placeOfOwnFile(folder_, name));
        hasDatabase_ = true;
    }

    void end() {
        if (name_.empty()) return;
        if (writer_) {
            writer_->sync();
            writer_.reset();
        } else if (name_ == repositoryFile) {
            checkRepositoryName(content_);
            server_.repository_ = content_;
        } else {
            const std::string path = placeOfOwnFile(folder_, name_);
            if (path == folder_.authorityFile()) {
                server_.authority_ = content_;
            } else {
                makeFolders(folder_.disk(), parentOf(path));
                writePrivateFile(path, content_);
            }
        }
        name_.clear();
        content_.clear();
    }

    UnpackedServer& server_;
    const ServerFolder& folder_;
    std::string name_;
    std::string content_;
    std::unique_ptr<DiskWriter> writer_;
    bool hasDatabase_ = false;
    std::size_t files_ = 0;
};

UnpackedServer::UnpackedServer(ServerFolder& folder, ObjectStore& store, const RecoveryKit& kit)
    : folder_(folder) {
    requireEmpty();
    try {
        unpack(store, kit);
    } catch (...) {
        clear();
        throw;
    }
}

UnpackedServer::~UnpackedServer() {
    if (!finished_) clear();
}

void UnpackedServer::finish() {
    writePrivateFile(folder_.authorityFile(), authority_);
    finished_ = true;
}

void UnpackedServer::requireEmpty() const {
    for (const DiskEntry& entry : folder_.disk().list(folder_.path())) {
        if (countsAsNothing(entry.name)) continue;
        throw Error(ErrorCode::alreadyExists,
                    "the state folder " + printable(folder_.path()) + " is not empty: it holds " +
                        printable(entry.name.substr(0, 100)) +
                        "; move what is there to a safe place, or name another with --state");
    }
}

void UnpackedServer::clear() const noexcept {
    boost::system::error_code ignored;
    for (fs::directory_iterator at(folder_.path(), ignored), end; !ignored && at != end;
         at.increment(ignored)) {
        boost::system::error_code ofOne;
        if (!countsAsNothing(at->path().filename().string())) fs::remove_all(at->path(), ofOne);
    }
}

void UnpackedServer::unpack(ObjectStore& store, const RecoveryKit& kit) {
    const RepositoryConfig config = RepositoryConfig::read(store);
    const RootKey root = rootKeyFor(kit, config);
    std::vector<ServerBackupInfo> backups = serverBackups(store);
    std::optional<Error> newest;
    for (; !backups.empty(); backups.pop_back()) {
        const ServerBackupInfo& backup = backups.back();
        try {
            folder_.make();
            authority_.clear();
            repository_.clear();
            Target target(*this);
            const Timestamp time = readServerBackup(
                store, backup, config, root,
                [&](const std::string& name, ByteView content) { target.append(name, content); });
            target.finish();
            number_ = backup.number;
            time_ = time;
            return;
        } catch (const Error& error) {
            if (!mayStandInAnOlder(error)) throw;
            log(LogLevel::warning, "restore.passed-over",
                {{"backup", backup.name}, {"message", error.what()}});
            if (!newest) newest = error;
            clear();
        }
    }
    if (newest) throw newest->within("none of the server's backups is sound");
    throw Error(
        ErrorCode::notFound,
        "there is no backup of a server in this repository; 'coffer-server init' makes a new "
        "server, which takes it over by 'coffer repo adopt'");
}

}  // namespace coffer
