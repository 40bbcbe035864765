#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/file_lock.h"
#include "core/base/guarded.h"
#include "core/chunk/chunk_id.h"
#include "core/repository/ledger.h"
#include "core/repository/sharing.h"

namespace coffer {

/// What goes on in a repository at the moment and a prune has to leave alone, beyond what the
/// ledger says. Where several programs share the repository it is noted in repo.db too, so that
/// each knows of the others'. Safe to share between threads; outlives what it hands out.
class RunningWork {
  public:
    /// Both outlive it.
    RunningWork(Ledger& ledger, const std::optional<Sharing>& sharing)
        : ledger_(ledger), sharing_(sharing) {}

    /// An object that is about to appear in the store and be registered: no leftover of a crash.
    /// Throws Error(busy) while the same arrives already.
    class Arrival {
      public:
        Arrival(RunningWork& work, std::string name);
        Arrival(const Arrival&) = delete;
        Arrival& operator=(const Arrival&) = delete;
        ~Arrival();

      private:
        bool noteAlone();
        void forget();

        RunningWork& work_;
        const std::string name_;
        const WorkId id_;
    };

    bool isArriving(const std::string& name) const;

    /// As long as it exists, a session may take over whatever hangs below `root`.
    class Pin {
      public:
        Pin(RunningWork& work, const ChunkId& root);
        Pin(const Pin&) = delete;
        Pin& operator=(const Pin&) = delete;
        ~Pin();

      private:
        RunningWork& work_;
        const ChunkId root_;
        WorkId id_;
    };

    std::vector<ChunkId> pinned() const;

    /// The one prune of the repository. Throws Error(busy) when there is one.
    class Prune {
      public:
        explicit Prune(RunningWork& work);
        Prune(const Prune&) = delete;
        Prune& operator=(const Prune&) = delete;
        ~Prune();

      private:
        RunningWork& work_;
        std::optional<FileLock> lock_;  // where there are other programs
    };

    /// Notes a session that has begun, and that it has ended.
    void begin(const SessionInfo& session);
    void end(const SessionId& session);

    /// Forgets what programs have noted that run no more: their sessions too. It only puts
    /// deletions off, so to ask once in a while is enough.
    void forgetTheDead();

  private:
    WorkId note(LedgerWork kind, ByteView value);
    void erase(const WorkId& id) noexcept;

    struct State {
        std::multiset<std::string> arriving;
        std::multiset<ChunkId> pins;
        bool pruning = false;
    };
    Ledger& ledger_;
    const std::optional<Sharing>& sharing_;
    Guarded<State> state_;
};

}  // namespace coffer
