#include "management_server/status/damage_watch.h"

#include "core/base/error.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr std::int64_t dueSeconds = 60;

std::map<std::string, SnapshotDamage> damageIn(Repository& repository) {
    std::map<std::string, SnapshotDamage> found;
    for (const auto& [snapshot, damage] : repository.ledger().damagedSnapshots()) {
        found.emplace(snapshot.hex(), damage);
    }
    return found;
}

}  // namespace

bool DamageWatch::lookIfDue() {
    // Who asks for the status does not wait for a repository whose disk does not answer.
    const std::unique_lock turn(turn_, std::try_to_lock);
    if (!turn) return false;
    const std::int64_t age = clock_.now().seconds - lookedAt_;
    if (events_.newest() == seen_ && age >= 0 && age < dueSeconds) return false;
    return look();
}

bool DamageWatch::look() {
    seen_ = events_.newest();
    lookedAt_ = clock_.now().seconds;
    const auto before = known();
    DamageByRepository now;
    for (const RepositoryRecord& record : repositories_.inService()) {
        try {
            now.emplace(record.name, damageIn(*repositories_.open(record.name)));
        } catch (const Error& error) {
            log(LogLevel::debug, "status.repository",
                {{"name", record.name}, {"message", error.what()}});
            const auto known = before->find(record.name);
            if (known != before->end()) now.insert(*known);
        }
    }
    if (now == *before) return false;
    known_.with(
        [&](auto& known) { known = std::make_shared<const DamageByRepository>(std::move(now)); });
    return true;
}

std::shared_ptr<const DamageByRepository> DamageWatch::known() const {
    return known_.with([](const auto& known) { return known; });
}

}  // namespace coffer
