#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/chunk/chunk_id.h"

namespace coffer {

/// What goes on in a repository at the moment and a prune has to leave alone, beyond what the
/// ledger says. Safe to share between threads; outlives what it hands out.
class RunningWork {
  public:
    /// An object that is about to appear in the store and be registered: no leftover of a crash.
    /// Throws Error(busy) while the same arrives already.
    class Arrival {
      public:
        Arrival(RunningWork& work, std::string name);
        Arrival(const Arrival&) = delete;
        Arrival& operator=(const Arrival&) = delete;
        ~Arrival();

      private:
        RunningWork& work_;
        const std::string name_;
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
    };

    std::vector<ChunkId> pinned() const;

    /// The one prune of this process. Throws Error(busy) when there is one.
    class Prune {
      public:
        explicit Prune(RunningWork& work);
        Prune(const Prune&) = delete;
        Prune& operator=(const Prune&) = delete;
        ~Prune();

      private:
        RunningWork& work_;
    };

  private:
    struct State {
        std::multiset<std::string> arriving;
        std::multiset<ChunkId> pins;
        bool pruning = false;
    };
    Guarded<State> state_;
};

}  // namespace coffer
