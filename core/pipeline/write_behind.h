#pragma once

#include "core/base/guarded.h"
#include "core/base/threads.h"
#include "core/source/restore_target.h"

namespace coffer {

/// Has a restore's target write to the disk while the restore goes on, so that little is left to
/// wait for at its end and memory does not fill with what is unwritten. Safe to share.
class WriteBehind {
  public:
    /// `target` outlives it.
    explicit WriteBehind(RestoreTarget& target);

    /// Stops; what is unwritten stays so. Failures are left to the target's last sync().
    ~WriteBehind();

    /// So many more octets have been written into the target.
    void wrote(std::uint64_t octets);

  private:
    struct State {
        std::uint64_t unwritten = 0;
        bool stopped = false;
    };
    void work(RestoreTarget& target);

    Guarded<State> state_;
    ThreadScope thread_;
};

}  // namespace coffer
