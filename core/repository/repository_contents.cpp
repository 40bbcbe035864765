#include "core/repository/repository_contents.h"

#include <map>

#include "core/base/error.h"
#include "core/repository/config_format.h"
#include "core/repository/manifest_check.h"
#include "core/repository/manifest_format.h"
#include "core/repository/numbered_name.h"
#include "core/repository/pack_reader.h"
#include "core/repository/snapshot_object.h"

namespace coffer {

namespace {

/// The objects as the records read so far leave them.
class ObjectList {
  public:
    void apply(const ManifestPayload& payload) {
        if (const auto* pack = std::get_if<PackRecord>(&payload)) {
            const PackRegistration& registration = pack->registration;
            std::string name = packName(registration.pack);
            objects_[name] = {name, registration.size, registration.sha256, false};
        } else if (const auto* change = std::get_if<PackStateRecord>(&payload)) {
            const auto found = objects_.find(packName(change->pack));
            if (found == objects_.end()) return;
            found->second.condemned = change->state == PackState::condemned;
            if (change->state == PackState::gone) objects_.erase(found);
        } else if (const auto* snapshot = std::get_if<SnapshotRecord>(&payload)) {
            std::string name = snapshotName(snapshot->registration.id);
            objects_[name] = {name, 0, snapshot->registration.object, false};
        } else if (const auto* forget = std::get_if<ForgetRecord>(&payload)) {
            objects_.erase(snapshotName(forget->snapshot));
        }
    }

    std::vector<NamedObject> take() {
        std::vector<NamedObject> list;
        list.reserve(objects_.size());
        for (auto& [name, object] : objects_) list.push_back(std::move(object));
        return list;
    }

  private:
    std::map<std::string, NamedObject> objects_;
};

}  // namespace

// All names are listed before the first segment is read, so each but the last one is complete.
RepositoryContents::RepositoryContents(ObjectStore& store) {
    if (!store.size(config_format::configName)) {
        throw Error(ErrorCode::notFound, "there is no repository here");
    }
    const Bytes config = readAll(store, config_format::configName, config_format::configLimit);
    config_ = RepositoryConfig::decode(config);
    copied_.put(config_format::configName, config);
    for (const std::string& name : numberedNames(store, manifest_format::folder)) {
        copied_.put(name, readAll(store, name, manifest_format::segmentLimit));
    }
    readRecords();
}

void RepositoryContents::readRecords() {
    ObjectList list;
    ManifestCheck check(config_, [](const AgentId&) { return std::nullopt; });
    head_ = readManifest(copied_, config_.server, 1, [&](const ManifestRecord& record) {
        check(record, copied_);
        if (!unknown_ && std::holds_alternative<UnknownRecord>(record.payload)) {
            unknown_ = record.sequence;
        }
        list.apply(record.payload);
    });
    if (head_.sequence == 0) throw Error(ErrorCode::corrupt, "the manifest is missing");
    objects_ = list.take();
}

void RepositoryContents::requireKnown() const {
    config_.requireWritable();
    if (unknown_) throw newerRecord(*unknown_);
}

}  // namespace coffer
