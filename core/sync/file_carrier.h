#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/base/cancel.h"
#include "core/pipeline/run_progress.h"
#include "core/sync/sync_walk.h"

namespace coffer {

/// Brings files and links from one folder to the other, in pieces, and in place in one step. Used
/// by one thread.
class FileCarrier {
  public:
    struct Parts {
        SyncPair& pair;
        bool oneTree = false;  // both lie at the same agent, which can copy by itself
        std::function<void(std::uint64_t octets)> throttle;
        RunProgress& progress;
        const CancelToken& cancel;
    };

    /// All that is referred to outlives it.
    explicit FileCarrier(Parts parts) : parts_(std::move(parts)) {}

    /// How the two look afterwards.
    struct Carried {
        SyncLook from;
        SyncLook to;
    };

    /// Brings the entry at `from` of the other side to `path` of `to`, in place of what looks like
    /// `replaced`, or of nothing. A file that changes while it is read is read again, three times
    /// at most, then Error(conflict), as when the other has changed meanwhile.
    Carried carry(SyncSide to, const std::string& from, const std::string& path,
                  const std::optional<SyncLook>& replaced);

    /// A folder of its own name comes into being at `to` with the mode of `look`, and rights for
    /// its owner to put something into it.
    void makeFolder(SyncSide to, const std::string& path, const SyncLook& look);

    /// Whether two files of that size have the same content. Reads both.
    bool areEqual(const std::string& path, std::uint64_t size);

  private:
    SyncLook fill(SyncSide to, const std::string& from, const std::string& temporary);
    void copyPieces(SyncSide to, const std::string& from, const std::string& temporary,
                    std::uint64_t size);
    void makeAnew(SyncSide to, const std::string& temporary, const std::function<void()>& make);
    void clear(SyncSide to, const std::string& temporary);

    Parts parts_;
};

/// What a tree says of the entry of a side now.
SyncLook lookAt(const SyncFolder& folder, const std::string& path);

}  // namespace coffer
