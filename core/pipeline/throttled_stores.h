#pragma once

#include "core/repository/backup_store.h"
#include "core/repository/restore_store.h"
#include "core/storage/throttle.h"

namespace coffer {

/// A store to which packs are sent no faster than a throttle allows; questions and the commit are
/// not held up. Safe to share between threads, which share the bandwidth.
class ThrottledBackupStore : public BackupStore {
  public:
    /// Both outlive it and its uploads.
    ThrottledBackupStore(BackupStore& inner, Throttle& throttle)
        : inner_(inner), throttle_(throttle) {}

    const SessionTerms& terms() const override { return inner_.terms(); }
    std::vector<bool> missing(std::span<const ChunkId> ids) override { return inner_.missing(ids); }
    std::unique_ptr<PackUpload> openPack() override;
    Timestamp commit(const SealedSnapshot& snapshot) override { return inner_.commit(snapshot); }

  private:
    BackupStore& inner_;
    Throttle& throttle_;
};

/// A store from which blocks are fetched no faster than a throttle allows, one by one, so that it
/// can wait behind each. Safe to share between threads, which share the bandwidth.
class ThrottledRestoreStore : public RestoreStore {
  public:
    /// Both outlive it.
    ThrottledRestoreStore(RestoreStore& inner, Throttle& throttle)
        : inner_(inner), throttle_(throttle) {}

    std::vector<PlannedBlock> plan(std::span<const ChunkId> ids) override {
        return inner_.plan(ids);
    }
    Bytes fetch(const PlannedBlock& block) override;

  private:
    RestoreStore& inner_;
    Throttle& throttle_;
};

}  // namespace coffer
