#include "management_server/repositories/locked_snapshots.h"

#include <algorithm>

#include "core/base/error.h"

namespace coffer {

void requireNoLocks(Repository& repository, Timestamp now) {
    constexpr std::size_t mostNamed = 3;
    std::string named;
    std::size_t count = 0;
    Timestamp last;
    for (const SnapshotInfo& info : repository.ledger().snapshots()) {
        if (!info.mark.isLocked(now)) continue;
        last = std::max(last, *info.mark.lockedUntil);
        if (++count <= mostNamed) named += (count > 1 ? ", " : "") + info.registration.id.hex();
    }
    if (count == 0) return;
    if (count > mostNamed) named += " and " + std::to_string(count - mostNamed) + " more";
    throw Error(ErrorCode::conflict, "snapshots in it are locked, the last of them until " +
                                         toIso8601(last) + ": " + named +
                                         ". Nobody can have their data deleted before");
}

}  // namespace coffer
