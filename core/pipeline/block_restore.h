#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/cancel.h"
#include "core/base/queue.h"
#include "core/base/threads.h"
#include "core/pipeline/file_restore.h"
#include "core/repository/restore_store.h"

namespace coffer {

/// Gathers the chunks that files ask for into windows. While one is being gathered, the one before
/// is planned in pack order by a thread of its own, and the blocks of those before that are fetched
/// and written by several workers. All methods are called by one thread.
class BlockRestore {
  public:
    BlockRestore(RestoreStore& store, const DomainKey& domain, unsigned workers,
                 const CancelToken& cancel);
    ~BlockRestore();

    /// The chunk goes to `file` at `offset`.
    void add(const ChunkId& id, const std::shared_ptr<FileRestore>& file, std::uint64_t offset,
             std::uint64_t length);

    /// Waits until everything added has been written. Rethrows what ended a thread.
    void drain();

  private:
    struct Request {
        std::shared_ptr<FileRestore> file;
        std::uint64_t offset;
        std::uint64_t length;
    };
    struct Window {
        std::vector<ChunkId> ids;
        std::vector<Request> requests;
        std::uint64_t bytes = 0;

        void add(const ChunkId& id, Request request);
    };
    using WindowPtr = std::shared_ptr<const Window>;
    struct Task {
        WindowPtr window;
        std::vector<PlannedBlock> blocks;  // fetched together
        bool again = false;  // their chunks were planned before, in a pack that is gone
    };
    class Grouping;
    struct Tools;  // what a worker keeps
    struct Lanes;  // the threads and what runs between them

    void start();
    void send();
    void plan(const WindowPtr& window, const std::function<bool(PlannedBlock)>& use);
    void work();
    void write(const Task& task, Tools& tools);
    void writeAll(const Task& task, std::span<const ByteView> sealed, Tools& tools);
    void write(const Task& task, std::span<const PlannedBlock> blocks,
               std::span<const ByteView> sealed, Tools& tools);
    std::optional<ByteView> open(const Task& task, const PlannedBlock& block,
                                 const ByteView* sealed, BlockOpener& opener,
                                 std::vector<const PlannedBlock*>& gone);
    void writeAgain(const Task& task, const PlannedBlock& block, Tools& tools);

    RestoreStore& store_;
    const DomainKey domain_;
    const unsigned workers_;
    const CancelToken& cancel_;
    Window window_;
    std::size_t chunksOfWindow_;
    std::unique_ptr<Lanes> lanes_;
};

}  // namespace coffer
