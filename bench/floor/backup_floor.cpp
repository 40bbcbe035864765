#include <algorithm>
#include <unordered_set>
#include <utility>

#include "bench/floor/stages.h"
#include "bench/floor/tree_files.h"
#include "core/chunk/chunker.h"
#include "core/codec/aead.h"
#include "core/storage/disk.h"

namespace coffer {

namespace {

// As core/pipeline groups and reads.
constexpr std::size_t blockTarget = 384U << 10;
constexpr std::size_t cutFrom = 256U << 10;
constexpr std::size_t windowSize = 8U << 20;

class Packing {
  public:
    Packing(const std::string& pack, int level, Stages& stages)
        : disk_(makeSystemDisk()),
          writer_(disk_->create(pack)),
          compressor_(level),
          stages_(stages) {}

    void add(ByteView chunk) {
        const ChunkId id = stages_.in("hash", [&] { return hasher_.id(ChunkKind::data, chunk); });
        if (!known_.insert(id).second) return;
        if (!raw_.empty() && raw_.size() + chunk.size() > blockTarget) close();
        append(raw_, chunk);
        block_.chunks.push_back(chunk.size());
        if (raw_.size() >= blockTarget) close();
    }

    void close() {
        if (raw_.empty()) return;
        const auto packed = stages_.in("compress", [&] { return compressor_.compress(raw_); });
        block_.codec = packed.codec;
        block_.rawLength = raw_.size();
        block_.key = SecretKey::random();
        sealed_.clear();
        stages_.in("seal", [&] { seal(block_.key, {}, packed.data, sealed_); });
        block_.sealedLength = sealed_.size();
        stages_.in("digest", [&] { digest_.update(sealed_); });
        stages_.in("write", [&] { writer_->write(sealed_); });
        blocks_.push_back(std::exchange(block_, {}));
        raw_.clear();
    }

    std::vector<FloorBlock> take() {
        close();
        return std::move(blocks_);
    }

  private:
    const std::unique_ptr<Disk> disk_;
    const std::unique_ptr<DiskWriter> writer_;
    ChunkHasher hasher_{DomainKey{}};
    Compressor compressor_;
    Stages& stages_;
    std::unordered_set<ChunkId, IdHash> known_;
    Sha256 digest_;
    Bytes raw_;
    Bytes sealed_;
    FloorBlock block_;
    std::vector<FloorBlock> blocks_;
};

// The whole of a small file is a chunk, a large one is cut in a window that moves over it.
void cutFile(FileReader& file, std::uint64_t size, const Chunker& chunker, Packing& packing,
             Bytes& window, Stages& stages) {
    std::uint64_t offset = 0;
    std::size_t held = 0;
    while (true) {
        window.resize(std::max(window.size(), windowSize));
        const std::size_t got =
            stages.in("read", [&] { return file.readAt(offset, std::span(window).subspan(held)); });
        offset += got;
        held += got;
        const bool last = held < window.size();
        ByteView rest = ByteView(window).first(held);
        while (!rest.empty() && (last || rest.size() >= chunker.parameters().maximumSize)) {
            const std::size_t length =
                size <= cutFrom ? rest.size() : stages.in("cut", [&] { return chunker.cut(rest); });
            packing.add(rest.first(length));
            rest = rest.subspan(length);
        }
        if (last) return;
        std::copy(rest.begin(), rest.end(), window.begin());
        held = rest.size();
    }
}

}  // namespace

std::vector<FloorBlock> backupFloor(const std::string& tree, const std::string& pack, int level,
                                    Stages& stages) {
    Packing packing(pack, level, stages);
    const Chunker chunker({}, {});
    Bytes window;
    forEachFile(tree, stages, [&](Folder& folder, const std::string&, const Stat& stat) {
        const auto file = stages.in("open", [&] { return folder.open(stat); });
        cutFile(*file, stat.size, chunker, packing, window, stages);
    });
    return packing.take();
}

}  // namespace coffer
