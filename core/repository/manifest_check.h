#pragma once

#include <functional>
#include <optional>
#include <unordered_map>

#include "core/repository/manifest_record.h"
#include "core/repository/repository_config.h"
#include "core/storage/object_store.h"

namespace coffer {

/// Checks what records say beside the server's signature: the beginning names this repository and
/// its config, packs and snapshots are signed by agents that were made known before. Used by one
/// thread.
class ManifestCheck {
  public:
    /// `known` gives the keys of agents that stood in earlier records.
    ManifestCheck(const RepositoryConfig& config,
                  std::function<std::optional<VerifyKey>(const AgentId&)> known)
        : config_(config), known_(std::move(known)) {}

    /// Throws Error(untrusted), naming the record.
    void operator()(const ManifestRecord& record, ObjectStore& store);

  private:
    VerifyKey keyOf(const AgentId& agent) const;

    const RepositoryConfig& config_;
    std::function<std::optional<VerifyKey>(const AgentId&)> known_;
    std::unordered_map<AgentId, VerifyKey, IdHash> agents_;
};

}  // namespace coffer
