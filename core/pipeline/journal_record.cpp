#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/pipeline/journal.h"

namespace coffer {

namespace {
constexpr std::uint64_t pathLimit = 16U << 20;
constexpr std::uint64_t nodeLimit = 16U << 20;
}  // namespace

JournalRecord::JournalRecord(Bytes data) : data_(std::move(data)) {
    WireReader reader(data_);
    path_ = textOf(reader.sized(pathLimit));
    bits_ = reader.u8();
    segment_ = reader.u32();
    tree_ = reader.id<ChunkId>();
    const std::size_t count = reader.count(8, "number of journal entries");
    entries_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        JournalEntry entry;
        entry.name = textOf(reader.sized(pathLimit));
        entry.signature.size = reader.varint();
        entry.signature.mtime = reader.time();
        entry.signature.ctime = reader.time();
        entry.signature.inode = reader.varint();
        entry.signature.racy = reader.u8() != 0;
        entry.node = reader.sized(nodeLimit);
        entries_.push_back(entry);
    }
    reader.expectEnd();
}

bool JournalRecord::isFor(const JournalKey& key) const {
    return path_ == key.path && bits_ == key.bits && segment_ == key.segment;
}

Bytes JournalRecord::encode(const JournalKey& key, const ChunkId& tree,
                            const std::vector<JournalEntry>& entries) {
    WireWriter writer;
    writer.sized(key.path);
    writer.u8(static_cast<std::uint8_t>(key.bits));
    writer.u32(key.segment);
    writer.raw(tree.view());
    writer.varint(entries.size());
    for (const JournalEntry& entry : entries) {
        writer.sized(entry.name);
        writer.varint(entry.signature.size);
        writer.time(entry.signature.mtime);
        writer.time(entry.signature.ctime);
        writer.varint(entry.signature.inode);
        writer.u8(entry.signature.racy ? 1 : 0);
        writer.sized(entry.node);
    }
    return writer.take();
}

}  // namespace coffer
