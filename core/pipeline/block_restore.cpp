#include "core/pipeline/block_restore.h"

#include <algorithm>

namespace coffer {

namespace {

// A window is planned as one: large enough that neighbours in a pack meet, small in memory.
constexpr std::size_t windowChunks = 8192;
constexpr std::uint64_t windowBytes = 256U << 20;
constexpr std::size_t queuedBlocks = 64;

}  // namespace

BlockRestore::BlockRestore(RestoreStore& store, const DomainKey& domain, unsigned workers,
                           const CancelToken& cancel)
    : store_(store), domain_(domain), workers_(workers), cancel_(cancel) {
    startWorkers();
}

BlockRestore::~BlockRestore() {
    if (tasks_) tasks_->cancel();
}

void BlockRestore::startWorkers() {
    tasks_ = std::make_unique<BoundedQueue<Task>>(queuedBlocks);
    threads_ = std::make_unique<ThreadScope>();
    for (unsigned i = 0; i < workers_; ++i) {
        threads_->start([this] { work(); }, [this] { tasks_->cancel(); });
    }
}

void BlockRestore::add(const ChunkId& id, const std::shared_ptr<FileRestore>& file,
                       std::uint64_t offset, std::uint64_t length) {
    cancel_.check();
    file->expect();
    window_.ids.push_back(id);
    window_.requests.push_back({file, offset, length});
    window_.bytes += length;
    if (window_.ids.size() >= windowChunks || window_.bytes >= windowBytes) send();
}

void BlockRestore::drain() {
    send();
    tasks_->close();
    threads_->join();
    startWorkers();
}

void BlockRestore::send() {
    if (window_.ids.empty()) return;
    const auto window = std::make_shared<const Window>(std::exchange(window_, {}));
    try {
        queue(window, store_.plan(window->ids));
    } catch (const Error& error) {
        if (endsRestore(error)) throw;
        planOneByOne(window);
    }
}

// Something in the window cannot be found: the rest is restored all the same.
void BlockRestore::planOneByOne(const std::shared_ptr<const Window>& window) {
    for (std::uint32_t i = 0; i < window->ids.size(); ++i) {
        try {
            std::vector<PlannedBlock> plan = store_.plan({&window->ids[i], 1});
            for (PlannedBlock& block : plan) {
                for (PlannedChunk& chunk : block.chunks) chunk.request = i;
            }
            queue(window, std::move(plan));
        } catch (const Error& error) {
            if (endsRestore(error)) throw;
            window->requests[i].file->fail(error);
        }
    }
}

void BlockRestore::queue(const std::shared_ptr<const Window>& window,
                         std::vector<PlannedBlock> plan) {
    for (PlannedBlock& block : plan) {
        if (tasks_->push({window, std::move(block)})) continue;
        threads_->join();  // throws what stopped the workers
        throw Error(ErrorCode::internal, "the restore's workers have stopped");
    }
}

void BlockRestore::work() {
    ChunkHasher hasher(domain_);
    Decompressor decompressor;
    while (const std::optional<Task> task = tasks_->pop()) {
        cancel_.check();
        write(*task, hasher, decompressor);
    }
}

void BlockRestore::write(const Task& task, ChunkHasher& hasher, Decompressor& decompressor) {
    const PlannedBlock& block = task.block;
    const auto failAll = [&](const Error& error) {
        for (const PlannedChunk& chunk : block.chunks) {
            task.window->requests[chunk.request].file->fail(error);
        }
    };
    Bytes raw;
    try {
        raw = openBlock(block.access, block.place, store_.fetch(block), decompressor);
    } catch (const Error& error) {
        if (error.endsRun()) throw;
        failAll(error.within("damaged in the repository"));
        return;
    }
    for (const PlannedChunk& chunk : block.chunks) {
        const Request& request = task.window->requests[chunk.request];
        const ByteView content = ByteView(raw).subspan(chunk.offset, chunk.length);
        const ChunkId& id = task.window->ids[chunk.request];
        if (chunk.length != request.length || hasher.id(block.place.kind, content) != id) {
            request.file->fail(Error(
                ErrorCode::corrupt,
                "damaged in the repository: chunk " + id.hex() + " is not what it should be"));
            continue;
        }
        request.file->write(request.offset, content);
    }
}

}  // namespace coffer
