#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "rescue/chunk_source.h"
#include "rescue/key_reader.h"
#include "rescue/manifest_reader.h"
#include "rescue/pack_file.h"
#include "rescue/problem_report.h"
#include "rescue/recent.h"

namespace coffer::rescue {

/// Finds and reads chunks. Reads the directories of all packs once and keeps 16 octets for each
/// chunk in them; beside that the packs and blocks used last. Used by one thread.
class ChunkStore {
  public:
    /// Reports each pack that cannot be used. Keeps references to all but the manifest and the
    /// report.
    ChunkStore(const RepositoryFolder& folder, const RepositoryId& repository, const Keys& keys,
               const Manifest& manifest, ProblemReport& report);

    /// Tries every pack that has the chunk, those in the best state first, until one gives octets
    /// that have the id. Throws Error when none does.
    Bytes read(const DomainId& domain, const ChunkId& id, ChunkKind kind);

  private:
    struct Row {
        std::uint64_t prefix;  // first octets of the id
        std::uint32_t pack;    // in packs_
        std::uint32_t chunk;   // in the pack's directory
    };
    struct Pack {
        RegisteredPack registered;
        DomainId domain;
    };
    struct BlockPlace {
        std::uint32_t pack;
        std::uint32_t block;
        bool operator==(const BlockPlace&) const = default;
    };

    void addPack(const RegisteredPack& pack);
    std::vector<Row> placesOf(const DomainId& domain, const ChunkId& id) const;
    PackFile& openPack(std::uint32_t number);
    Bytes readAt(const Row& row, const ChunkId& id, ChunkKind kind);

    const RepositoryFolder& folder_;
    const RepositoryId repository_;
    const Keys& keys_;
    std::map<DomainId, ChunkHasher> hashers_;
    std::vector<Pack> packs_;
    std::vector<Row> rows_;  // sorted by prefix
    Recent<std::uint32_t, std::unique_ptr<PackFile>> openPacks_;
    Recent<BlockPlace, Bytes> blocks_;
};

/// The chunks of one domain of a store. Keeps a reference.
class DomainChunks : public ChunkSource {
  public:
    DomainChunks(ChunkStore& store, const DomainId& domain) : store_(store), domain_(domain) {}
    Bytes read(const ChunkId& id, ChunkKind kind) override {
        return store_.read(domain_, id, kind);
    }

  private:
    ChunkStore& store_;
    const DomainId domain_;
};

}  // namespace coffer::rescue
