#include "core/pipeline/leftovers.h"

#include "core/repository/object_name.h"
#include "core/repository/pack_format.h"

namespace coffer {

namespace {

// Whether it is an object of a kind that records name, and none does.
bool isUnknown(Repository& repository, std::string_view name) {
    if (const auto pack = packNamed(name)) {
        const auto info = repository.ledger().pack(*pack);
        return !info || info->state == PackState::gone;
    }
    if (const auto snapshot = snapshotNamed(name)) {
        return !repository.ledger().snapshot(*snapshot);
    }
    return false;
}

}  // namespace

std::vector<Leftover> findLeftovers(Repository& repository) {
    std::vector<Leftover> found;
    for (const std::string_view folder : {pack_format::folder, std::string_view("snapshots/")}) {
        repository.store().list(folder, [&](std::string_view name, std::uint64_t size) {
            // What is arriving is asked for first: if it has arrived by then, the ledger knows it.
            if (repository.running().isArriving(std::string(name))) return;
            if (isUnknown(repository, name)) found.push_back({std::string(name), size});
        });
    }
    if (found.empty()) return found;
    // A program that was killed may have left records in the manifest that the ledger has not: in
    // our turn it gets them.
    repository.recordChosen([] { return std::vector<ManifestPayload>(); });
    std::erase_if(found, [&](const Leftover& it) { return !isUnknown(repository, it.name); });
    return found;
}

bool removeLeftover(Repository& repository, const std::string& name) {
    return repository.removeUnnamed(name, [&] { return isUnknown(repository, name); });
}

}  // namespace coffer
