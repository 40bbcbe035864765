#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/repository/backup_store.h"
#include "core/repository/repository.h"
#include "core/storage/memory_store.h"
#include "tests/support/memory_folder.h"

namespace coffer {

/// A chunk as a test thinks of it.
struct TestChunk {
    ChunkKind kind = ChunkKind::data;
    Bytes content;
    std::vector<ChunkId> references;
};

/// Octets that do not compress, the same for the same seed.
Bytes noise(std::size_t size, std::uint32_t seed);

TestChunk dataChunk(std::string_view content);
TestChunk treeChunk(std::string_view content, std::vector<ChunkId> references);
TestChunk listChunk(std::string_view content, std::vector<ChunkId> references);

ChunkId idOf(const AgentKeys& keys, const TestChunk& chunk);

/// The chunks as the content of a block, all of the kind of the first; `raw` gets their octets.
BlockContent contentOf(const AgentKeys& keys, std::span<const TestChunk> chunks, Bytes& raw);

/// Adds a block of these chunks to a pack.
void addBlock(PackWriter& writer, const AgentKeys& keys, std::span<const TestChunk> chunks);

struct WrittenPack {
    PackId id;
    std::vector<ChunkId> chunks;
};

/// Sends the chunks as one pack: a block for every run of one kind.
WrittenPack writePack(BackupStore& session, const AgentKeys& keys,
                      std::span<const TestChunk> chunks);

/// A snapshot object as an agent makes it, under a fresh id.
SealedSnapshot sealedSnapshot(const AgentKeys& keys, const ChunkId& root,
                              std::string_view body = "body");

/// The chunk as a restore would read it.
Bytes readChunk(Repository& repository, const ChunkId& id);

void setPackState(Repository& repository, const PackId& pack, PackState state);

/// Creates a repository, confirms its kit and enrols the agent.
RecoveryKit createWithAgent(const RepositoryPlace& place, const AgentIdentity& agent);

/// A repository in memory with an enrolled agent and a confirmed kit; its databases lie in a
/// folder of their own.
class TestRepository {
  public:
    TestRepository();

    RepositoryPlace place() { return {store, state, databases.path(), clock}; }

    /// Closes it and opens it again.
    Repository& open(Repository::Access access = Repository::Access::write);
    void close() { repository_.reset(); }

    Repository& operator*() { return *repository_; }
    Repository* operator->() { return repository_.get(); }
    AgentKeys keys() const { return repository_->agentKeys(agent); }

    /// Commits a snapshot whose root has this content, and nothing below it.
    SnapshotId commit(std::string_view content);

    /// Enrols one more agent.
    AgentKeys newAgent();

    void removeIndex();
    void removeLedger();

    MemoryStore store;
    MemoryStore state;
    MemoryFolder databases;
    ManualClock clock;
    AgentIdentity agent = AgentIdentity::random();
    RecoveryKit kit;

  private:
    std::unique_ptr<Repository> repository_;
};

}  // namespace coffer
