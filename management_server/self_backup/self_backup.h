#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/background_work.h"
#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/storage/disk.h"
#include "management_server/database/server_database.h"
#include "management_server/events/event_sink.h"
#include "management_server/repositories/server_repositories.h"

namespace coffer {

/// A file that belongs to a server, beside server.db.
struct OwnFile {
    std::string name;  // in the backup
    std::string content;
};

/// In which file of a backup stands the name of the repository that it was made for.
inline constexpr const char* repositoryFile = "repository";
inline constexpr const char* databaseFile = "server.db";

/// Keeps the server's own backups in the folders of its repositories (docs/server.md): some minutes
/// after a change of server.db, and when the server stops. It reads a copy of the database, so
/// calls go on meanwhile, and takes a hundredth of the time at most. What cannot be written is
/// logged, told as an event once, and tried again. Safe to share between threads; started and
/// stopped by one.
class SelfBackup {
  public:
    struct Settings {
        std::int64_t afterSeconds = 300;          // from the first change that is not saved yet
        std::size_t kept = 3;                     // in each repository, of this server
        std::vector<std::string> repositories{};  // by name; none: all

        bool wants(const std::string& repository) const;
    };
    struct Parts {
        ServerDatabase& database;
        ServerRepositories& repositories;
        EventSink& events;
        const Clock& clock;
        Disk& disk;
        std::string databasePath;                     // of server.db
        std::function<std::vector<OwnFile>()> files;  // what else makes the server
    };

    /// All that the parts refer to outlives it.
    SelfBackup(Parts parts, Settings settings);
    SelfBackup(const SelfBackup&) = delete;
    SelfBackup& operator=(const SelfBackup&) = delete;

    void start() { background_.start(); }

    /// When it saves and how many it keeps, from now on; `repositories` stays as it was.
    void setLimits(const Settings& settings) {
        afterSeconds_ = settings.afterSeconds;
        kept_ = settings.kept;
    }

    /// Has the thread save when it is time to; for the housekeeping. Quick.
    void look();

    /// Ends the thread, then saves what has changed. Safe to repeat.
    void stop();

    /// A repository of that name is gone. Within ServerDatabase::change.
    static void forgetRepository(SqlDatabase& database, const std::string& repository);

    /// What the thread does, on this one. False when it is not time yet.
    bool saveIfDue();

  private:
    struct State {
        std::optional<Timestamp> behindSince;        // something is not saved
        std::map<std::string, std::uint64_t> saved;  // by repository: changes() then
        std::set<std::string> failing;               // have been told of
        Timestamp ended;                             // the last time
        std::int64_t pause = 0;                      // seconds after that
    };

    bool isDue();
    std::vector<RepositoryRecord> unsaved(std::uint64_t changes) const;
    void save();
    void saveInto(const RepositoryRecord& repository, const std::string& copy,
                  const std::vector<OwnFile>& files);
    void succeeded(const std::string& repository, std::uint64_t changes);
    void failed(const std::string& repository, const std::string& why);

    const Parts parts_;
    const Settings settings_;  // but for these two
    std::atomic<std::int64_t> afterSeconds_;
    std::atomic<std::size_t> kept_;
    Guarded<State> state_;
    BackgroundWork background_;
};

}  // namespace coffer
