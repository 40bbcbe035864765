// Deleting objects. Of packs the record goes first, then the index, then the object. A crash on the
// way leaves rows that the next opening takes out, or an object that no record names any more.
#include "core/base/error.h"
#include "core/repository/repository.h"

namespace coffer {

std::vector<PackInfo> Repository::removePacks(const std::function<std::vector<PackId>()>& decide) {
    std::vector<PackInfo> gone;
    const auto records = [&] {
        std::vector<ManifestPayload> payloads;
        for (const PackId& id : decide()) {
            if (const auto info = ledger_.pack(id)) {
                gone.push_back(*info);
                payloads.emplace_back(PackStateRecord{id, PackState::gone});
            }
        }
        return payloads;
    };
    recordChosen(records, [&](std::uint64_t generation) {
        const std::uint64_t before = index_.generation();
        for (const PackInfo& pack : gone) index_.remove(pack.registration.pack, before);
        index_.setGeneration(generation);
    });
    for (const PackInfo& pack : gone) {
        removeIfThere(place_.store, packName(pack.registration.pack));
        drop(pack.registration.pack);
    }
    return gone;
}

// Arriving here it arrives nowhere else. Asked in our turn, as a program that was killed may have
// left its record in the manifest alone.
bool Repository::removeUnnamed(const std::string& name, const std::function<bool()>& isUnnamed) {
    try {
        const RunningWork::Arrival mine(running_, name);
        bool unnamed = false;
        recordChosen([&] {
            unnamed = isUnnamed();
            return std::vector<ManifestPayload>();
        });
        if (unnamed) removeIfThere(place_.store, name);
        return unnamed;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::busy) throw;
        return false;
    }
}

void Repository::drop(const PackId& id) {
    cache_.with([&](auto& cache) {
        std::erase_if(cache, [&](const auto& kept) { return kept.id == id; });
    });
}

}  // namespace coffer
