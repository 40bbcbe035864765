#pragma once

#include <memory>
#include <vector>

#include "core/base/cancel.h"
#include "core/base/queue.h"
#include "core/base/threads.h"
#include "core/pipeline/file_restore.h"
#include "core/repository/restore_store.h"

namespace coffer {

/// Gathers the chunks that files ask for into windows, plans each window in pack order and writes
/// it with several workers, while the next window is being gathered. All methods are called by one
/// thread.
class BlockRestore {
  public:
    BlockRestore(RestoreStore& store, const DomainKey& domain, unsigned workers,
                 const CancelToken& cancel);
    ~BlockRestore();

    /// The chunk goes to `file` at `offset`.
    void add(const ChunkId& id, const std::shared_ptr<FileRestore>& file, std::uint64_t offset,
             std::uint64_t length);

    /// Waits until everything added has been written. Rethrows what ended a worker.
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
    };
    struct Task {
        std::shared_ptr<const Window> window;
        PlannedBlock block;
    };
    void send();
    void planOneByOne(const std::shared_ptr<const Window>& window);
    void queue(const std::shared_ptr<const Window>& window, std::vector<PlannedBlock> plan);
    void startWorkers();
    void work();
    void write(const Task& task, ChunkHasher& hasher, Decompressor& decompressor);

    RestoreStore& store_;
    const DomainKey domain_;
    const unsigned workers_;
    const CancelToken& cancel_;
    Window window_;
    std::unique_ptr<BoundedQueue<Task>> tasks_;
    std::unique_ptr<ThreadScope> threads_;
};

}  // namespace coffer
