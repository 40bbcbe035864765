#include "core/repository/manifest_check.h"

#include "core/base/error.h"
#include "core/repository/config_format.h"
#include "core/repository/manifest_format.h"
#include "core/repository/pack_format.h"

namespace coffer {

VerifyKey ManifestCheck::keyOf(const AgentId& agent) const {
    const auto fresh = agents_.find(agent);
    if (fresh != agents_.end()) return fresh->second;
    if (const std::optional<VerifyKey> key = known_(agent)) return *key;
    throw Error(ErrorCode::untrusted, "signed by the unknown agent " + agent.hex());
}

void ManifestCheck::operator()(const ManifestRecord& record, ObjectStore& store) {
    during("record " + std::to_string(record.sequence), [&] {
        if (const auto* genesis = std::get_if<GenesisRecord>(&record.payload)) {
            const Bytes config =
                readAll(store, config_format::configName, config_format::configLimit);
            if (record.sequence != 1 || genesis->repository != config_.repositoryId ||
                genesis->config != sha256(config)) {
                throw Error(ErrorCode::untrusted, "it begins another repository");
            }
        } else if (record.sequence == 1) {
            throw Error(ErrorCode::untrusted, "the manifest does not begin as it should");
        } else if (const auto* agent = std::get_if<AgentKeyRecord>(&record.payload)) {
            agents_[agent->agent] = agent->key;
        } else if (const auto* pack = std::get_if<PackRecord>(&record.payload)) {
            verifySignature(keyOf(pack->registration.agent), pack_format::registrationPurpose,
                            pack->registration.statement(config_.repositoryId),
                            pack->registration.signature);
        } else if (const auto* snapshot = std::get_if<SnapshotRecord>(&record.payload)) {
            verifySignature(keyOf(snapshot->registration.agent), manifest_format::snapshotPurpose,
                            snapshot->registration.statement(config_.repositoryId),
                            snapshot->registration.signature);
        }
    });
}

}  // namespace coffer
