#include "core/pipeline/block_restore.h"

#include <algorithm>
#include <array>
#include <utility>

namespace coffer {

namespace {

// A window is planned as one: large enough that neighbours in a pack meet, small in memory. The
// first ones are smaller, so that there is something to write soon.
constexpr std::size_t firstWindow = 512;
constexpr std::size_t windowChunks = 8192;
constexpr std::uint64_t windowBytes = 256U << 20;

constexpr std::size_t queuedWindows = 1;
constexpr std::size_t queuedBlocks = 512;  // about a window, so that the next is planned meanwhile

}  // namespace

struct BlockRestore::Tools {
    explicit Tools(const DomainKey& domain) : hasher(domain) {}

    ChunkHasher hasher;
    std::array<BlockOpener, 2> openers;
};

struct BlockRestore::Lanes {
    BoundedQueue<WindowPtr> windows{queuedWindows};
    BoundedQueue<Task> tasks{queuedBlocks};
    ThreadScope threads;

    void stop() {
        windows.cancel();
        tasks.cancel();
    }
};

void BlockRestore::Window::add(const ChunkId& id, Request request) {
    bytes += request.length;
    ids.push_back(id);
    requests.push_back(std::move(request));
}

BlockRestore::BlockRestore(RestoreStore& store, const DomainKey& domain, unsigned workers,
                           const CancelToken& cancel)
    : store_(store), domain_(domain), workers_(workers), cancel_(cancel) {
    start();
}

BlockRestore::~BlockRestore() {
    if (lanes_) lanes_->stop();
}

void BlockRestore::start() {
    chunksOfWindow_ = firstWindow;
    lanes_ = std::make_unique<Lanes>();
    const auto stop = [&lanes = *lanes_] { lanes.stop(); };
    lanes_->threads.start(
        [this, &lanes = *lanes_] {
            while (const std::optional<WindowPtr> window = lanes.windows.pop()) {
                plan(*window, [&](PlannedBlock block) {
                    return lanes.tasks.push({*window, std::move(block)});
                });
            }
            lanes.tasks.close();
        },
        stop);
    for (unsigned i = 0; i < workers_; ++i) lanes_->threads.start([this] { work(); }, stop);
}

void BlockRestore::add(const ChunkId& id, const std::shared_ptr<FileRestore>& file,
                       std::uint64_t offset, std::uint64_t length) {
    cancel_.check();
    file->expect();
    window_.add(id, {file, offset, length});
    if (window_.ids.size() >= chunksOfWindow_ || window_.bytes >= windowBytes) send();
}

void BlockRestore::drain() {
    send();
    lanes_->windows.close();
    lanes_->threads.join();
    start();
}

void BlockRestore::send() {
    if (window_.ids.empty()) return;
    chunksOfWindow_ = std::min(2 * chunksOfWindow_, windowChunks);
    if (lanes_->windows.push(std::make_shared<const Window>(std::exchange(window_, {})))) return;
    lanes_->threads.join();  // throws what stopped them
    throw Error(ErrorCode::internal, "the restore's workers have stopped");
}

// Where something in a window cannot be found, the rest is restored all the same: halves tell which
// it is. Ends when `use` gives false.
void BlockRestore::plan(const WindowPtr& window, const std::function<bool(PlannedBlock)>& use) {
    const std::span<const ChunkId> ids(window->ids);
    struct Part {
        std::size_t first;
        std::size_t count;
    };
    std::vector<Part> parts{{0, ids.size()}};
    while (!parts.empty()) {
        cancel_.check();
        const auto [first, count] = parts.back();
        parts.pop_back();
        std::vector<PlannedBlock> blocks;
        try {
            blocks = store_.plan(ids.subspan(first, count));
        } catch (const Error& error) {
            if (endsRestore(error)) throw;
            if (count == 1) {
                window->requests[first].file->fail(error);
                continue;
            }
            parts.push_back({first + count / 2, count - count / 2});
            parts.push_back({first, count / 2});
        }
        for (PlannedBlock& block : blocks) {
            for (PlannedChunk& chunk : block.chunks) {
                chunk.request += static_cast<std::uint32_t>(first);
            }
            if (!use(std::move(block))) return;
        }
    }
}

// Two blocks of a chunk each, as large files have them, are hashed together.
void BlockRestore::work() {
    Tools tools(domain_);
    const auto isAlone = [](const Task& task) { return task.block.chunks.size() == 1; };
    std::vector<Task> tasks;
    while (std::optional<Task> task = lanes_->tasks.pop()) {
        tasks.clear();
        tasks.push_back(std::move(*task));
        if (isAlone(tasks.front())) {
            if ((task = lanes_->tasks.popAtOnce())) tasks.push_back(std::move(*task));
        }
        const bool together = isAlone(tasks.back()) &&
                              tasks.front().block.place.kind == tasks.back().block.place.kind;
        if (together) {
            write(tasks, tools);
        } else {
            for (const Task& each : tasks) write({&each, 1}, tools);
        }
    }
}

// Tasks of blocks of one kind, as many as there are openers.
void BlockRestore::write(std::span<const Task> tasks, Tools& tools) {
    cancel_.check();
    struct Piece {
        const Task* task;
        const PlannedChunk* chunk;
    };
    std::vector<Piece> pieces;
    std::vector<ByteView> contents;
    std::vector<const Task*> gone;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const std::optional<ByteView> raw = open(tasks[i], tools.openers.at(i), gone);
        if (!raw) continue;
        for (const PlannedChunk& chunk : tasks[i].block.chunks) {
            pieces.push_back({&tasks[i], &chunk});
            contents.push_back(raw->subspan(chunk.offset, chunk.length));
        }
    }
    const std::vector<ChunkId> ids = tools.hasher.ids(tasks.front().block.place.kind, contents);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto& [task, chunk] = pieces[i];
        const Request& request = task->window->requests[chunk->request];
        const ChunkId& id = task->window->ids[chunk->request];
        if (chunk->length != request.length || ids[i] != id) {
            request.file->fail(Error(
                ErrorCode::corrupt,
                "damaged in the repository: chunk " + id.hex() + " is not what it should be"));
            continue;
        }
        request.file->write(request.offset, contents[i]);
    }
    for (const Task* task : gone) writeAgain(*task, tools);
}

// Nothing when the block cannot be had: its pack is gone, or its files have been told.
std::optional<ByteView> BlockRestore::open(const Task& task, BlockOpener& opener,
                                           std::vector<const Task*>& gone) {
    const PlannedBlock& block = task.block;
    try {
        return opener.open(block.access, block.place, store_.fetch(block));
    } catch (const Error& error) {
        if (error.endsRun()) throw;
        if (error.code() == ErrorCode::notFound && !task.again) {
            gone.push_back(&task);
            return {};
        }
        for (const PlannedChunk& chunk : block.chunks) {
            task.window->requests[chunk.request].file->fail(
                error.within("damaged in the repository"));
        }
        return {};
    }
}

// A prune has deleted the pack since it was planned: what was still needed of it lies elsewhere.
void BlockRestore::writeAgain(const Task& task, Tools& tools) {
    const auto window = std::make_shared<Window>();
    for (const PlannedChunk& chunk : task.block.chunks) {
        window->add(task.window->ids[chunk.request], task.window->requests[chunk.request]);
    }
    plan(window, [&](PlannedBlock block) {
        const Task again{window, std::move(block), true};
        write({&again, 1}, tools);
        return true;
    });
}

}  // namespace coffer
