#pragma once

#include <string>
#include <unordered_map>

#include "core/base/guarded.h"
#include "core/repository/chunk_index.h"
#include "core/repository/sqlite.h"

namespace coffer {

/// ChunkIndex in an SQLite file, index.db. Bound to one repository: the file of another is cleared.
class SqliteIndex : public ChunkIndex {
  public:
    SqliteIndex(const std::string& path, const RepositoryId& repository);

    void add(const PackId& pack, const PackDirectory& directory, std::uint64_t generation) override;
    void remove(const PackId& pack, std::uint64_t generation) override;
    std::vector<std::vector<ChunkLocation>> find(std::span<const ChunkId> ids) override;
    std::uint64_t chunkCount() override;
    std::uint64_t generation() override;
    void setGeneration(std::uint64_t generation) override;
    void clear() override;

  private:
    struct State {
        explicit State(const std::string& path);
        std::int64_t packNumber(const PackId& pack);
        PackId packOf(std::int64_t number);
        void storeGeneration(std::uint64_t generation);

        SqlDatabase database;
        SqlStatement insertPack;
        SqlStatement findPack;
        SqlStatement readPack;
        SqlStatement insertChunk;
        SqlStatement findChunk;
        SqlStatement writeGeneration;
        std::unordered_map<std::int64_t, PackId> packs;  // numbers seen so far
    };
    Guarded<State> state_;
};

}  // namespace coffer
