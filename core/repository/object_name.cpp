#include "core/repository/object_name.h"

#include "core/base/error.h"
#include "core/repository/pack_format.h"
#include "core/repository/snapshot_object.h"

namespace coffer {

namespace {

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

std::optional<PackId> packNamed(std::string_view name) {
    return idIn<PackId>(name, packName);
}

std::optional<SnapshotId> snapshotNamed(std::string_view name) {
    return idIn<SnapshotId>(name, snapshotName);
}

}  // namespace coffer
