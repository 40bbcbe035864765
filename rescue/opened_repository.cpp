#include "rescue/opened_repository.h"

#include "core/base/error.h"

namespace coffer::rescue {

namespace {

constexpr const char* keyObject = "keys/00000000";

Config openConfig(const RepositoryFolder& folder, const Kit& kit) {
    return during("config", [&] { return readConfig(folder.readAll("config", configLimit), kit); });
}

Keys openKeys(const RepositoryFolder& folder, const Config& config, const Kit& kit) {
    return during(keyObject,
                  [&] { return readKeys(folder.readAll(keyObject, keyObjectLimit), config, kit); });
}

}  // namespace

OpenedRepository::OpenedRepository(const std::string& path, const Kit& kit, ProblemReport& report)
    : folder_(path),
      config_(openConfig(folder_, kit)),
      keys_(openKeys(folder_, config_, kit)),
      manifest_(readManifest(folder_, config_, report)) {}

Snapshot OpenedRepository::snapshot(const SnapshotRecord& registered) const {
    const std::string name = snapshotName(registered.snapshot);
    return during(name, [&] {
        return readSnapshot(folder_.readAll(name, snapshotLimit), registered, config_.repository,
                            keys_);
    });
}

ChunkStore OpenedRepository::chunks(ProblemReport& report) const {
    return {folder_, config_.repository, keys_, manifest_, report};
}

}  // namespace coffer::rescue
