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
constexpr std::size_t queuedTasks = 64;  // about a window, so that the next is planned meanwhile

// Of one call: few enough that each worker has its share, and an answer that a slow line carries
// in the time that a call may take.
constexpr std::size_t blocksTogether = 8;
constexpr std::uint64_t octetsTogether = 1U << 20;

// Two blocks of a chunk each, as large files have them, are hashed side by side.
bool areAPair(const PlannedBlock& one, const PlannedBlock& other) {
    return one.chunks.size() == 1 && other.chunks.size() == 1 && one.place.kind == other.place.kind;
}

}  // namespace

struct BlockRestore::Tools {
    explicit Tools(const DomainKey& domain) : hasher(domain) {}

    ChunkHasher hasher;
    std::array<BlockOpener, 2> openers;
};

struct BlockRestore::Lanes {
    BoundedQueue<WindowPtr> windows{queuedWindows};
    BoundedQueue<Task> tasks{queuedTasks};
    ThreadScope threads;

    void stop() {
        windows.cancel();
        tasks.cancel();
    }
};

/// Makes tasks of the blocks of a window, which come in the order in which they lie in their packs.
class BlockRestore::Grouping {
  public:
    Grouping(const WindowPtr& window, BoundedQueue<Task>& tasks) : window_(window), tasks_(tasks) {}

    // False when nobody wants more.
    bool add(PlannedBlock block) {
        if (octets_ + block.place.sealedLength > octetsTogether && !send()) return false;
        octets_ += block.place.sealedLength;
        blocks_.push_back(std::move(block));
        return blocks_.size() < blocksTogether || send();
    }

    bool send() {
        octets_ = 0;
        return blocks_.empty() || tasks_.push({window_, std::exchange(blocks_, {})});
    }

  private:
    const WindowPtr& window_;
    BoundedQueue<Task>& tasks_;
    std::vector<PlannedBlock> blocks_;
    std::uint64_t octets_ = 0;
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
                Grouping grouping(*window, lanes.tasks);
                plan(*window, [&](PlannedBlock block) { return grouping.add(std::move(block)); });
                grouping.send();
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

void BlockRestore::work() {
    Tools tools(domain_);
    while (const std::optional<Task> task = lanes_->tasks.pop()) write(*task, tools);
}

void BlockRestore::write(const Task& task, Tools& tools) {
    const auto use = [&](std::span<const ByteView> sealed) { writeAll(task, sealed, tools); };
    if (task.blocks.size() > 1 && store_.fetchSome(task.blocks, use)) return;
    writeAll(task, {}, tools);
}

// Nothing is `sealed` when each is still to be fetched.
void BlockRestore::writeAll(const Task& task, std::span<const ByteView> sealed, Tools& tools) {
    const std::span<const PlannedBlock> blocks(task.blocks);
    for (std::size_t i = 0, count = 0; i < blocks.size(); i += count) {
        count = i + 1 < blocks.size() && areAPair(blocks[i], blocks[i + 1]) ? 2 : 1;
        write(task, blocks.subspan(i, count), sealed.empty() ? sealed : sealed.subspan(i, count),
              tools);
    }
}

// Blocks of one kind, as many as there are openers.
void BlockRestore::write(const Task& task, std::span<const PlannedBlock> blocks,
                         std::span<const ByteView> sealed, Tools& tools) {
    cancel_.check();
    std::vector<const PlannedChunk*> pieces;
    std::vector<ByteView> contents;
    std::vector<const PlannedBlock*> gone;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const ByteView* its = sealed.empty() ? nullptr : &sealed[i];
        const std::optional<ByteView> raw = open(task, blocks[i], its, tools.openers.at(i), gone);
        if (!raw) continue;
        for (const PlannedChunk& chunk : blocks[i].chunks) {
            pieces.push_back(&chunk);
            contents.push_back(raw->subspan(chunk.offset, chunk.length));
        }
    }
    const std::vector<ChunkId> ids = tools.hasher.ids(blocks.front().place.kind, contents);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const Request& request = task.window->requests[pieces[i]->request];
        const ChunkId& id = task.window->ids[pieces[i]->request];
        if (pieces[i]->length != request.length || ids[i] != id) {
            request.file->fail(Error(
                ErrorCode::corrupt,
                "damaged in the repository: chunk " + id.hex() + " is not what it should be"));
            continue;
        }
        request.file->write(request.offset, contents[i]);
    }
    for (const PlannedBlock* block : gone) writeAgain(task, *block, tools);
}

// Nothing when the block cannot be had: its pack is gone, or its files have been told.
std::optional<ByteView> BlockRestore::open(const Task& task, const PlannedBlock& block,
                                           const ByteView* sealed, BlockOpener& opener,
                                           std::vector<const PlannedBlock*>& gone) {
    try {
        if (sealed) return opener.open(block.access, block.place, *sealed);
        return opener.open(block.access, block.place, store_.fetch(block));
    } catch (const Error& error) {
        if (error.endsRun()) throw;
        if (error.code() == ErrorCode::notFound && !task.again) {
            gone.push_back(&block);
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
void BlockRestore::writeAgain(const Task& task, const PlannedBlock& block, Tools& tools) {
    const auto window = std::make_shared<Window>();
    for (const PlannedChunk& chunk : block.chunks) {
        window->add(task.window->ids[chunk.request], task.window->requests[chunk.request]);
    }
    plan(window, [&](PlannedBlock found) {
        write({window, {std::move(found)}, true}, tools);
        return true;
    });
}

}  // namespace coffer
