#include "management_server/status/damage_watch.h"

#include "core/base/error.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr std::int64_t dueSeconds = 60;

using Snapshots = std::map<std::string, SnapshotDamage>;

// Another time it can be opened.
bool saysNothing(ErrorCode code) {
    return code == ErrorCode::busy || code == ErrorCode::cancelled;
}

Snapshots damageIn(Repository& repository) {
    Snapshots found;
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
            now.emplace(record.name,
                        RepositoryDamage{damageIn(*repositories_.open(record.name)), {}});
        } catch (const Error& error) {
            log(LogLevel::debug, "status.repository",
                {{"name", record.name}, {"message", error.what()}});
            const auto known = before->find(record.name);
            const bool isKnown = known != before->end();
            if (saysNothing(error.code())) {
                if (isKnown) now.insert(*known);
                continue;
            }
            now[record.name] = {isKnown ? known->second.snapshots : Snapshots(), error.what()};
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
