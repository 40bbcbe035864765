#include "core/pipeline/chunk_sink.h"

#include <algorithm>
#include <utility>

#include "core/pipeline/backup_worker.h"

namespace coffer {

namespace {

// Chunks asked for at a time: enough to make a question across a network worth it.
constexpr std::size_t pendingCount = 128;
constexpr std::size_t pendingLimit = 2U << 20;

// A block is closed at this size.
constexpr std::size_t blockTarget = 384U * 1024;

// Chunks of large files are put together in blocks of their own: two or three of them shrink more
// than one by one.
constexpr std::size_t largeTarget = 2U << 20;
constexpr std::size_t largeLimit = 3U << 20;  // except for a chunk alone

bool isLarge(ChunkKind kind, std::size_t size) {
    return kind == ChunkKind::data && size >= blockTarget / 2;
}

std::size_t placeOf(ChunkKind kind) {
    return static_cast<std::size_t>(kind) - 1;
}

// What the store refuses is no fault of the file that was being read.
template <class Work>
decltype(auto) atStore(Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (const Error& error) {
        throw error.endingRun();
    }
}

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
    for (const ChunkKind kind : {ChunkKind::data, ChunkKind::tree, ChunkKind::list}) {
        blocks_[placeOf(kind)].content.kind = kind;
    }
    largeBlock_.content.kind = ChunkKind::data;
}

ChunkId ChunkSink::add(ChunkKind kind, Bytes content, std::vector<ChunkId> references) {
    const ByteView view(content);  // stays where it is when the vector is moved
    const ChunkId id = hasher_.id(kind, view);
    take({id, kind, view, std::move(content), std::move(references), {}});
    return id;
}

// Much is stored at once, from where it lies; of little a copy waits for more.
std::vector<ChunkId> ChunkSink::addAll(std::span<const ByteView> contents) {
    std::vector<ChunkId> ids = hasher_.ids(ChunkKind::data, contents);
    const std::size_t before = pending_.size();
    const std::size_t bytesBefore = pendingBytes_;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        pendingBytes_ += contents[i].size();
        pending_.push_back({ids[i], ChunkKind::data, contents[i], {}, {}, {}, true});
    }
    if (pendingBytes_ - bytesBefore >= pendingLimit / 2 || isFull()) {
        resolve();
    } else {
        for (Pending& chunk : std::span(pending_).subspan(before)) {
            chunk.owned = toBytes(chunk.content);
            chunk.content = chunk.owned;
            chunk.lent = false;
        }
    }
    return ids;
}

// What is pending has less than pendingLimit, so there is always room for one more.
std::span<std::uint8_t> ChunkSink::room(std::size_t size) {
    if (size > mostRoom) throw Error(ErrorCode::internal, "a chunk too large for the room");
    if (!room_) room_ = std::make_unique_for_overwrite<std::uint8_t[]>(pendingLimit + mostRoom);
    return {room_.get() + roomUsed_, size};
}

LateId ChunkSink::addFromRoom(std::size_t size) {
    const ByteView content(room_.get() + roomUsed_, size);
    roomUsed_ += size;
    const auto id = std::make_shared<ChunkId>();
    take({{}, ChunkKind::data, content, {}, {}, id});
    return id;
}

void ChunkSink::settle() {
    std::vector<Pending*> late;
    std::vector<ByteView> contents;
    for (Pending& chunk : pending_) {
        if (!chunk.late) continue;
        late.push_back(&chunk);
        contents.push_back(chunk.content);
    }
    const std::vector<ChunkId> ids = hasher_.ids(ChunkKind::data, contents);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        late[i]->id = ids[i];
        *std::exchange(late[i]->late, nullptr) = ids[i];
    }
}

void ChunkSink::take(Pending chunk) {
    pendingBytes_ += chunk.content.size();
    pending_.push_back(std::move(chunk));
    if (isFull()) resolve();
}

bool ChunkSink::isFull() const {
    return pending_.size() >= pendingCount || pendingBytes_ >= pendingLimit;
}

void ChunkSink::flush() {
    resolve();
    for (Block& block : blocks_) {
        if (!block.content.chunks.empty()) close(block);
    }
    if (!largeBlock_.content.chunks.empty()) close(largeBlock_);
}

void ChunkSink::resolve() {
    shared_.cancel.check();
    settle();
    std::vector<ChunkId> asked;
    std::vector<Pending*> claimed;
    for (Pending& chunk : pending_) {
        if (!shared_.inFlight.claim(chunk.id)) continue;
        asked.push_back(chunk.id);
        claimed.push_back(&chunk);
    }
    const std::vector<bool> missing = atStore([&] { return shared_.store.missing(asked); });
    for (std::size_t i = 0; i < claimed.size(); ++i) {
        if (missing[i]) {
            store(*claimed[i]);
        } else {
            shared_.inFlight.release(claimed[i]->id);
        }
    }
    largeBlock_.own(largeLimit);
    pending_.clear();
    pendingBytes_ = 0;
    roomUsed_ = 0;
}

void ChunkSink::store(Pending& chunk) {
    const bool large = isLarge(chunk.kind, chunk.content.size());
    Block& block = large ? largeBlock_ : blocks_[placeOf(chunk.kind)];
    const std::size_t limit = large ? largeLimit : blockTarget;
    shared_.progress.newBytes += chunk.content.size();
    const std::size_t size = block.octets().size();
    if (size > 0 && size + chunk.content.size() > limit) close(block);
    block.content.chunks.push_back(
        {chunk.id, static_cast<std::uint32_t>(chunk.content.size()), std::move(chunk.references)});
    if (!large || !chunk.lent || !block.borrow(chunk.content)) {
        block.own(limit);
        if (block.data.empty() && chunk.owned.size() >= limit / 2) {
            block.data = std::move(chunk.owned);
        } else {
            block.data.reserve(limit);
            append(block.data, chunk.content);
        }
    }
    if (block.octets().size() >= (large ? largeTarget : blockTarget)) close(block);
}

bool ChunkSink::Block::borrow(ByteView more) {
    if (!data.empty()) return false;
    if (!lent.empty() && lent.data() + lent.size() != more.data()) return false;
    lent = {lent.empty() ? more.data() : lent.data(), lent.size() + more.size()};
    return true;
}

void ChunkSink::Block::own(std::size_t room) {
    if (lent.empty()) return;
    data.reserve(std::max(room, lent.size()));
    append(data, std::exchange(lent, {}));
}

// Another worker packs the block if one stands idle, else this one does, from where it lies.
void ChunkSink::close(Block& block) {
    const ChunkKind kind = block.content.kind;
    auto full = std::make_shared<Block>(std::exchange(block, {}));
    block.content.kind = kind;
    if (!shared_.queue.wantsBlock()) {
        pack(shared_, compressor_, std::move(*full));
        return;
    }
    full->own(0);
    WorkQueue::Job job = [&shared = shared_, full](BackupWorker& worker) {
        pack(shared, worker.sink().compressor(), std::move(*full));
    };
    if (!shared_.queue.offer(job)) pack(shared_, compressor_, std::move(*full));
}

void ChunkSink::pack(BackupShared& shared, BlockCompressor& compressor, Block block) {
    shared.cancel.check();
    block.content.rawLength = static_cast<std::uint32_t>(block.octets().size());
    const Compressor::Packed packed = compressor.compress(block.content.kind, block.octets());
    shared.progress.storedBytes += packed.data.size();
    PackPool& packs = block.content.kind == ChunkKind::data ? shared.dataPacks : shared.treePacks;
    atStore([&] { packs.add(std::move(block.content), packed); });
}

}  // namespace coffer
