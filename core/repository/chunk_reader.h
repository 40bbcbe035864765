#pragma once

#include <list>
#include <span>
#include <unordered_map>

#include "core/repository/chunk_source.h"
#include "core/repository/restore_store.h"

namespace coffer {

/// Reads single chunks through a RestoreStore and keeps the last few opened blocks, so that
/// neighbours, and the same again, cost nothing. Used by one thread.
class ChunkReader : public ChunkSource {
  public:
    /// `domain` is the key the ids were made with. Both outlive the reader.
    ChunkReader(RestoreStore& store, const DomainKey& domain);

    Bytes read(const ChunkId& id) override;
    void view(const ChunkId& id, const std::function<void(ByteView)>& use) override;

    /// Plans them with one question.
    void expect(std::span<const ChunkId> ids) override;

  private:
    struct Stretch {
        std::uint32_t offset;
        std::uint32_t length;
        bool operator==(const Stretch&) const = default;
    };
    struct OpenedBlock {
        PackId pack;
        std::uint32_t number;
        Bytes raw;
        std::unordered_map<ChunkId, Stretch, IdHash> checked;  // against their ids
    };
    PlannedBlock planOf(const ChunkId& id);
    OpenedBlock& open(const PlannedBlock& block);

    RestoreStore& store_;
    ChunkHasher hasher_;
    Decompressor decompressor_;
    std::unordered_map<ChunkId, PlannedBlock, IdHash> expected_;
    std::list<OpenedBlock> blocks_;  // newest first
};

}  // namespace coffer
