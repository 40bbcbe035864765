#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/repository/sqlite.h"
#include "core/sync/sync_entry.h"

namespace coffer {

/// What is remembered of the last synchronisation of two folders, in a file: how each entry looked,
/// and how many there were. What was put is there for good from the next commit on. It may lag
/// behind what was done: then more is compared, and nothing is lost. Used by one thread.
class SyncStore {
  public:
    static constexpr std::uint64_t mostEntries = 20'000'000;

    /// Opens or makes the file. `pair` names the two folders: of others, and when the file is
    /// damaged, nothing is remembered.
    SyncStore(const std::string& file, const std::string& pair);

    /// Removes a file that turned out to be damaged.
    ~SyncStore();
    SyncStore(const SyncStore&) = delete;
    SyncStore& operator=(const SyncStore&) = delete;

    /// The entries of a folder ("/" or "/a/b"), by name. Throws Error(corrupt), which ends the run.
    std::vector<SyncMemory> of(const std::string& folder);

    /// Throws Error(limitExceeded) when there are too many.
    void put(const std::string& folder, const SyncMemory& memory);

    /// That entry and all that was ever below it, as put() of what is no folder does, too.
    void forget(const std::string& folder, const std::string& name);

    /// Whether there is something that forget() would take away.
    bool knows(const std::string& folder, const std::string& name);

    /// How many entries each side had at the end of the last run; nothing before the first.
    struct Counts {
        std::uint64_t source = 0;
        std::uint64_t target = 0;
    };
    std::optional<Counts> counts();
    void setCounts(const Counts& counts);

    /// Changes that were not committed yet.
    std::size_t waiting() const { return waiting_; }
    void commit();

    /// Takes back what was put since the last commit. What was forgotten stays so, for good.
    void commitForgotten();

  private:
    struct File;
    static std::shared_ptr<File> opened(const std::string& path, const std::string& pair);
    void change(const std::function<void()>& work);
    void forgetBelow(const std::string& path);

    std::vector<SyncMemory> read(const std::string& folder);

    const std::string path_;
    bool isDamaged_ = false;
    std::shared_ptr<File> file_;
    std::size_t waiting_ = 0;
    std::uint64_t entries_ = 0;
    std::vector<std::pair<std::string, std::string>> forgotten_;  // since the last commit
};

}  // namespace coffer
