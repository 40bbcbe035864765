#include "core/pipeline/rate_limits.h"

namespace coffer {

RateLimits::RateLimits(const Rates& rates, const Clock& clock, const Pause& pause) {
    if (rates.read) reading_.emplace(*rates.read, clock, pause);
    if (rates.transfer) moving_.emplace(*rates.transfer, clock, pause);
}

DataSource& RateLimits::on(DataSource& source) {
    if (!reading_) return source;
    return source_.emplace(source, *reading_);
}

BackupStore& RateLimits::on(BackupStore& store) {
    if (!moving_) return store;
    return backupStore_.emplace(store, *moving_);
}

RestoreStore& RateLimits::on(RestoreStore& store) {
    if (!moving_) return store;
    return restoreStore_.emplace(store, *moving_);
}

}  // namespace coffer
