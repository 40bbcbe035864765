// Deleting packs: the record first, then the index, then the object. A crash on the way leaves rows
// that the next opening takes out, or an object that no record names any more.
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

void Repository::drop(const PackId& id) {
    cache_.with([&](auto& cache) {
        std::erase_if(cache, [&](const auto& kept) { return kept.id == id; });
    });
}

}  // namespace coffer
