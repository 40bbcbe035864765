#include "core/pipeline/chunk_sink.h"

#include "core/pipeline/backup_worker.h"

namespace coffer {

namespace {

// Chunks asked for at a time: enough to make a question across a network worth it.
constexpr std::size_t pendingCount = 128;
constexpr std::size_t pendingLimit = 2U << 20;

// A block is closed at this size; a chunk of at least half of it gets one of its own.
constexpr std::size_t blockTarget = 384U * 1024;

std::size_t placeOf(ChunkKind kind) { return static_cast<std::size_t>(kind) - 1; }

}  // namespace

BackupShared::BackupShared(BackupStore& theStore, const AgentKeys& theKeys, int level,
                           RunProgress& theProgress, const CancelToken& theCancel)
    : store(theStore),
      keys(theKeys),
      compressionLevel(level),
      progress(theProgress),
      cancel(theCancel),
      dataPacks(theStore, theKeys, [this](const PackDirectory& pack) { inFlight.release(pack); }),
      treePacks(theStore, theKeys, [this](const PackDirectory& pack) { inFlight.release(pack); }) {}

ChunkSink::ChunkSink(BackupShared& shared)
    : shared_(shared), hasher_(shared.keys.domain.key), compressor_(shared.compressionLevel) {
    blocks_[placeOf(ChunkKind::data)].kind = ChunkKind::data;
    blocks_[placeOf(ChunkKind::tree)].kind = ChunkKind::tree;
    blocks_[placeOf(ChunkKind::list)].kind = ChunkKind::list;
}

ChunkId ChunkSink::add(ChunkKind kind, Bytes content, std::vector<ChunkId> references) {
    const ChunkId id = hasher_.id(kind, content);
    pendingBytes_ += content.size();
    pending_.push_back({id, kind, std::move(content), std::move(references)});
    if (pending_.size() >= pendingCount || pendingBytes_ >= pendingLimit) resolve();
    return id;
}

void ChunkSink::flush() {
    resolve();
    for (PreparedBlock& block : blocks_) {
        if (!block.chunks.empty()) close(block);
    }
}

void ChunkSink::resolve() {
    shared_.cancel.check();
    std::vector<ChunkId> asked;
    std::vector<Pending*> claimed;
    for (Pending& chunk : pending_) {
        if (!shared_.inFlight.claim(chunk.id)) continue;
        asked.push_back(chunk.id);
        claimed.push_back(&chunk);
    }
    const std::vector<bool> missing = shared_.store.missing(asked);
    for (std::size_t i = 0; i < claimed.size(); ++i) {
        if (missing[i]) {
            store(*claimed[i]);
        } else {
            shared_.inFlight.release(claimed[i]->id);
        }
    }
    pending_.clear();
    pendingBytes_ = 0;
}

void ChunkSink::store(Pending& chunk) {
    PreparedBlock& block = blocks_[placeOf(chunk.kind)];
    shared_.progress.newBytes += chunk.content.size();
    if (!block.chunks.empty() && block.data.size() + chunk.content.size() > blockTarget) {
        close(block);
    }
    block.chunks.push_back({chunk.id, static_cast<std::uint32_t>(chunk.content.size()),
                            std::move(chunk.references)});
    if (block.data.empty()) {
        block.data = std::move(chunk.content);
    } else {
        append(block.data, chunk.content);
    }
    if (block.data.size() >= blockTarget) close(block);
}

void ChunkSink::close(PreparedBlock& block) {
    auto full = std::make_shared<PreparedBlock>(std::move(block));
    block = PreparedBlock{};
    block.kind = full->kind;
    WorkQueue::Job job = [&shared = shared_, full](BackupWorker& worker) {
        pack(shared, worker.sink().compressor(), std::move(*full));
    };
    if (!shared_.queue.offer(job)) pack(shared_, compressor_, std::move(*full));
}

void ChunkSink::pack(BackupShared& shared, Compressor& compressor, PreparedBlock block) {
    shared.cancel.check();
    Bytes packed;
    block.rawLength = static_cast<std::uint32_t>(block.data.size());
    block.codec = compressor.compress(block.data, packed);
    block.data = std::move(packed);
    shared.progress.storedBytes += block.data.size();
    PackPool& packs = block.kind == ChunkKind::data ? shared.dataPacks : shared.treePacks;
    packs.add(std::move(block));
}

}  // namespace coffer
