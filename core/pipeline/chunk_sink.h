#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "core/base/cancel.h"
#include "core/pipeline/block_compressor.h"
#include "core/pipeline/in_flight.h"
#include "core/pipeline/pack_pool.h"
#include "core/pipeline/run_progress.h"
#include "core/pipeline/work_queue.h"

namespace coffer {

/// What the workers of one backup share.
struct BackupShared {
    BackupShared(BackupStore& theStore, const AgentKeys& theKeys, int level,
                 RunProgress& theProgress, const CancelToken& theCancel);

    BackupStore& store;
    const AgentKeys& keys;
    const int compressionLevel;
    RunProgress& progress;
    const CancelToken& cancel;
    InFlight inFlight;
    WorkQueue queue;
    PackPool dataPacks;  // content
    PackPool treePacks;  // trees and lists
};

/// An id that will be known when the chunk has been hashed beside others.
using LateId = std::shared_ptr<const ChunkId>;

/// Takes chunks in, finds out which are new, and groups those into blocks that are compressed,
/// sealed and packed by whichever worker is free. Belongs to one worker.
class ChunkSink {
  public:
    explicit ChunkSink(BackupShared& shared);

    /// Gives the chunk's id at once; the content is stored later if it is new.
    ChunkId add(ChunkKind kind, Bytes content, std::vector<ChunkId> references = {});

    /// The same for several chunks of data, in their order, which are hashed together. Nothing is
    /// looked at any more when it returns.
    std::vector<ChunkId> addAll(std::span<const ByteView> contents);

    /// Room to be filled with a chunk of data of up to `size` octets (at most mostRoom), which
    /// addFromRoom() then takes from there. Valid until the next call.
    std::span<std::uint8_t> room(std::size_t size);
    LateId addFromRoom(std::size_t size);
    static constexpr std::size_t mostRoom = 256U << 10;

    /// Fills in all ids that are late.
    void settle();

    /// Sends everything that was added on its way.
    void flush();

    struct Block {
        BlockContent content;
        Bytes data;     // its octets, unless
        ByteView lent;  // they lie one behind the other in what addAll() was given

        ByteView octets() const { return lent.empty() ? ByteView(data) : lent; }

        /// False when `more` has to be copied: it does not follow what is lent.
        bool borrow(ByteView more);

        /// Copies what is lent, into room for `room` octets.
        void own(std::size_t room);
    };

    /// Compresses one block and puts it into a pack; runs on any worker.
    static void pack(BackupShared& shared, BlockCompressor& compressor, Block block);

    BlockCompressor& compressor() { return compressor_; }

  private:
    struct Pending {
        ChunkId id;
        ChunkKind kind;
        ByteView content;  // in the room, in `owned`, or lent
        Bytes owned;
        std::vector<ChunkId> references;
        std::shared_ptr<ChunkId> late;  // until it has been hashed
        bool lent = false;              // until the end of addAll()
    };
    void take(Pending chunk);
    bool isFull() const;
    void resolve();
    void store(Pending& chunk);
    void close(Block& block);

    BackupShared& shared_;
    ChunkHasher hasher_;
    BlockCompressor compressor_;
    std::vector<Pending> pending_;
    std::size_t pendingBytes_ = 0;
    std::unique_ptr<std::uint8_t[]> room_;
    std::size_t roomUsed_ = 0;     // by pending chunks
    std::array<Block, 3> blocks_;  // one being filled for each kind
    Block largeBlock_;             // another one, for large chunks of data
};

}  // namespace coffer
