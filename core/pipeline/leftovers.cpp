#include "core/pipeline/leftovers.h"

#include <optional>

#include "core/base/error.h"
#include "core/repository/pack_format.h"

namespace coffer {

namespace {

// The id that stands at the end of an object's name, if that is the name of the id's object.
template <class IdType, class NameOf>
std::optional<IdType> idIn(std::string_view name, NameOf&& nameOf) {
    const std::string_view last = name.substr(name.rfind('/') + 1);
    if (last.size() != 2 * sizeof(IdType::bytes)) return {};
    try {
        const IdType id = IdType::from(fromHex(last));
        if (nameOf(id) != name) return {};
        return id;
    } catch (const Error&) {
        return {};
    }
}

}  // namespace

std::vector<Leftover> findLeftovers(Repository& repository) {
    std::vector<Leftover> found;
    // What is arriving is asked for first: if it has arrived by then, the ledger knows it.
    const auto look = [&](std::string_view name, std::uint64_t size, const auto& isKnown) {
        if (repository.running().isArriving(std::string(name)) || isKnown()) return;
        found.push_back({std::string(name), size});
    };
    repository.store().list(pack_format::folder, [&](std::string_view name, std::uint64_t size) {
        const auto id = idIn<PackId>(name, packName);
        if (!id) return;
        look(name, size, [&] {
            const auto info = repository.ledger().pack(*id);
            return info && info->state != PackState::gone;
        });
    });
    repository.store().list("snapshots/", [&](std::string_view name, std::uint64_t size) {
        const auto id = idIn<SnapshotId>(name, snapshotName);
        if (!id) return;
        look(name, size, [&] { return repository.ledger().snapshot(*id).has_value(); });
    });
    return found;
}

}  // namespace coffer
