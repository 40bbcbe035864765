#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/base/clock.h"
#include "core/repository/pack_writer.h"
#include "core/repository/snapshot_object.h"

namespace coffer {

/// What a session tells a backup at its begin.
struct SessionTerms {
    bool basePinned = false;        // the base snapshot exists and stays for this session
    std::vector<ChunkId> suspects;  // damaged chunks, sorted: not to be taken over from the base
};

/// What a backup asks of a repository, here or across a network. Safe to share between threads.
class BackupStore {
  public:
    virtual ~BackupStore() = default;

    virtual const SessionTerms& terms() const = 0;

    /// For each id: true when its content has to be sent. 'false' is a promise for this session.
    virtual std::vector<bool> missing(std::span<const ChunkId> ids) = 0;

    /// Starts a pack under a fresh id.
    virtual std::unique_ptr<PackUpload> openPack() = 0;

    /// Makes a snapshot of what was sent; the last step. Throws Error(conflict) when it refers to
    /// something that this session may not refer to or that is not there. Gives the server's time.
    virtual Timestamp commit(const SealedSnapshot& snapshot) = 0;
};

}  // namespace coffer
