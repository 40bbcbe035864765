#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/repository/manifest_log.h"
#include "core/repository/repository_config.h"
#include "core/storage/memory_store.h"

namespace coffer {

/// An object that a manifest names.
struct NamedObject {
    std::string name;
    std::uint64_t size = 0;  // octets; of a snapshot 0, for it is not registered
    Digest sha256;
    bool condemned = false;  // a pack that is about to be deleted: may be missing already
};

/// What a repository consists of at one moment, as far as it shows without keys: the config and the
/// manifest, copied octet for octet and checked with the keys in the config, and the objects that
/// have to be there. Takes some 400 octets of memory for each pack. Safe to share once made.
class RepositoryContents {
  public:
    /// Reads config and manifest; somebody may be appending meanwhile. Throws Error(notFound),
    /// (corrupt), (untrusted), (unsupported).
    explicit RepositoryContents(ObjectStore& store);

    const RepositoryConfig& config() const { return config_; }
    const ManifestHead& head() const { return head_; }

    /// Before it is copied over another: throws Error(unsupported) when there are flags or records
    /// that this program does not know, for then it cannot tell what belongs to the repository.
    void requireKnown() const;

    /// The objects `config` and `manifest/…` as they were read.
    ObjectStore& copied() { return copied_; }

    /// Packs that are not gone and snapshots that are not forgotten, by name.
    const std::vector<NamedObject>& objects() const { return objects_; }

  private:
    void readRecords();

    MemoryStore copied_;
    RepositoryConfig config_;
    ManifestHead head_;
    std::optional<std::uint64_t> unknown_;  // the first such record
    std::vector<NamedObject> objects_;
};

}  // namespace coffer
