#include "tests/support/test_repository.h"

#include <filesystem>
#include <random>

#include "core/base/random.h"
#include "core/repository/chunk_reader.h"
#include "core/repository/read_session.h"
#include "core/repository/write_session.h"

namespace coffer {

Bytes noise(std::size_t size, std::uint32_t seed) {
    std::mt19937 generator(seed);
    Bytes octets(size);
    for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(generator());
    return octets;
}

TestChunk dataChunk(std::string_view content) {
    return {ChunkKind::data, toBytes(bytesOf(content)), {}};
}

TestChunk treeChunk(std::string_view content, std::vector<ChunkId> references) {
    return {ChunkKind::tree, toBytes(bytesOf(content)), std::move(references)};
}

TestChunk listChunk(std::string_view content, std::vector<ChunkId> references) {
    return {ChunkKind::list, toBytes(bytesOf(content)), std::move(references)};
}

ChunkId idOf(const AgentKeys& keys, const TestChunk& chunk) {
    return ChunkHasher(keys.domain.key).id(chunk.kind, chunk.content);
}

BlockContent contentOf(const AgentKeys& keys, std::span<const TestChunk> chunks, Bytes& raw) {
    BlockContent content;
    content.kind = chunks.front().kind;
    for (const TestChunk& chunk : chunks) {
        append(raw, chunk.content);
        content.chunks.push_back({idOf(keys, chunk),
                                  static_cast<std::uint32_t>(chunk.content.size()),
                                  chunk.references});
    }
    content.rawLength = static_cast<std::uint32_t>(raw.size());
    return content;
}

void addBlock(PackWriter& writer, const AgentKeys& keys, std::span<const TestChunk> chunks) {
    Bytes raw;
    BlockContent content = contentOf(keys, chunks, raw);
    Compressor compressor(1);
    writer.add(std::move(content), compressor.compress(raw));
}

WrittenPack writePack(BackupStore& session, const AgentKeys& keys,
                      std::span<const TestChunk> chunks) {
    WrittenPack written;
    for (const TestChunk& chunk : chunks) written.chunks.push_back(idOf(keys, chunk));
    std::unique_ptr<PackUpload> upload = session.openPack();
    written.id = upload->id();
    PackWriter writer(keys, std::move(upload));
    while (!chunks.empty()) {
        std::size_t run = 1;
        while (run < chunks.size() && chunks[run].kind == chunks[0].kind) ++run;
        addBlock(writer, keys, chunks.first(run));
        chunks = chunks.subspan(run);
    }
    writer.finish();
    return written;
}

SealedSnapshot sealedSnapshot(const AgentKeys& keys, const ChunkId& root, std::string_view body) {
    return sealSnapshot(keys, randomId<SnapshotId>(), root, false, bytesOf(body));
}

Bytes readChunk(Repository& repository, const ChunkId& id) {
    ReadSession session(repository);
    return ChunkReader(session, repository.keys().domains.front().key).read(id);
}

void setPackState(Repository& repository, const PackId& pack, PackState state) {
    const ManifestPayload payload[] = {PackStateRecord{pack, state}};
    repository.record(payload);
}

RecoveryKit createWithAgent(const RepositoryPlace& place, const AgentIdentity& agent) {
    Repository::create(place);
    Repository repository(place, Repository::Access::write);
    const RecoveryKit kit = repository.kit();
    repository.confirmKit(kit);
    repository.enrol(agent.id, agent.sign.verifyKey());
    return kit;
}

TestRepository::TestRepository() : kit(createWithAgent(place(), agent)) {
    open();
}

Repository& TestRepository::open(Repository::Access access) {
    close();
    repository_ = std::make_unique<Repository>(place(), access);
    return *repository_;
}

SnapshotId TestRepository::commit(std::string_view content) {
    const AgentKeys its = keys();
    WriteSession session(*repository_, its.agentId, std::nullopt);
    const std::vector<TestChunk> chunks = {treeChunk(content, {})};
    const SealedSnapshot snapshot = sealedSnapshot(its, writePack(session, its, chunks).chunks[0]);
    session.commit(snapshot);
    return snapshot.registration.id;
}

AgentKeys TestRepository::newAgent() {
    const AgentIdentity identity = AgentIdentity::random();
    repository_->enrol(identity.id, identity.sign.verifyKey());
    return repository_->agentKeys(identity);
}

void TestRepository::removeIndex() {
    close();
    std::filesystem::remove_all(databases / "index");
}

void TestRepository::removeLedger() {
    close();
    for (const char* name : {"repo.db", "repo.db-wal", "repo.db-shm"}) {
        std::filesystem::remove(databases / name);
    }
}

}  // namespace coffer
