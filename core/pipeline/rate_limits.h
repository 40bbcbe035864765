#pragma once

#include <optional>

#include "core/base/clock.h"
#include "core/base/pause.h"
#include "core/pipeline/throttled_source.h"
#include "core/pipeline/throttled_stores.h"
#include "core/storage/bandwidth_schedule.h"
#include "core/storage/throttle.h"

namespace coffer {

/// Octets a second of a run, all its threads together; nothing: as fast as it goes.
struct Rates {
    std::optional<BandwidthSchedule> read{};      // from its source
    std::optional<BandwidthSchedule> transfer{};  // to or from its store
};

/// Holds back the source and the store of one run, where that is wanted. Made and asked by one
/// thread; what it hands out is as safe to share as what was given.
class RateLimits {
  public:
    /// `clock` outlives it.
    RateLimits(const Rates& rates, const Clock& clock, const Pause& pause);

    // Each once: the same, or one around it, which lives as long as this. What is given outlives
    // it.
    DataSource& on(DataSource& source);
    BackupStore& on(BackupStore& store);
    RestoreStore& on(RestoreStore& store);

  private:
    std::optional<Throttle> reading_;
    std::optional<Throttle> moving_;
    std::optional<ThrottledSource> source_;
    std::optional<ThrottledBackupStore> backupStore_;
    std::optional<ThrottledRestoreStore> restoreStore_;
};

}  // namespace coffer
