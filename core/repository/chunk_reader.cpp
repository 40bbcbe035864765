#include "core/repository/chunk_reader.h"

#include "core/base/error.h"

namespace coffer {

namespace {
constexpr std::size_t keptBlocks = 8;
constexpr std::size_t mostExpected = 16'384;
constexpr std::size_t keptOctets = 16 << 20;  // as far as the newest block leaves room
}  // namespace

ChunkReader::ChunkReader(RestoreStore& store, const DomainKey& domain)
    : store_(store), hasher_(domain) {}

Bytes ChunkReader::read(const ChunkId& id) {
    Bytes content;
    view(id, [&](ByteView found) { content = toBytes(found); });
    return content;
}

void ChunkReader::view(const ChunkId& id, const std::function<void(ByteView)>& use) {
    const PlannedBlock block = planOf(id);
    const PlannedChunk& chunk = block.chunks.at(0);
    const Stretch stretch{chunk.offset, chunk.length};
    OpenedBlock& opened = open(block);
    const ByteView content = ByteView(opened.raw).subspan(chunk.offset, chunk.length);
    const auto checked = opened.checked.find(id);
    if (checked == opened.checked.end() || checked->second != stretch) {
        if (hasher_.id(block.place.kind, content) != id) {
            throw Error(ErrorCode::corrupt, "chunk " + id.hex() + " is not what its name says");
        }
        opened.checked.insert_or_assign(id, stretch);
    }
    use(content);
}

PlannedBlock ChunkReader::planOf(const ChunkId& id) {
    const auto expected = expected_.extract(id);
    return expected ? std::move(expected.mapped()) : store_.plan({&id, 1}).at(0);
}

void ChunkReader::expect(std::span<const ChunkId> ids) {
    if (ids.size() < 2 || ids.size() > mostExpected - expected_.size()) return;
    try {
        for (const PlannedBlock& block : store_.plan(ids)) {
            for (const PlannedChunk& chunk : block.chunks) {
                expected_[ids[chunk.request]] = {block.access, block.place, {chunk}};
            }
        }
    } catch (const Error& error) {
        if (error.endsRun()) throw;  // else reading them one by one tells which is at fault
    }
}

ChunkReader::OpenedBlock& ChunkReader::open(const PlannedBlock& block) {
    for (auto it = blocks_.begin(); it != blocks_.end(); ++it) {
        if (it->pack == block.access.pack && it->number == block.access.number) {
            blocks_.splice(blocks_.begin(), blocks_, it);
            return blocks_.front();
        }
    }
    const Bytes sealed = store_.fetch(block);
    Bytes raw = during("pack " + block.access.pack.hex(),
                       [&] { return openBlock(block.access, block.place, sealed, decompressor_); });
    blocks_.push_front({block.access.pack, block.access.number, std::move(raw), {}});
    std::size_t octets = 0;
    auto end = blocks_.begin();
    for (std::size_t count = 0; end != blocks_.end() && count < keptBlocks; ++count, ++end) {
        octets += end->raw.size();
        if (count > 0 && octets > keptOctets) break;
    }
    blocks_.erase(end, blocks_.end());
    return blocks_.front();
}

}  // namespace coffer
