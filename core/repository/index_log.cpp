#include "core/repository/index_log.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/wire.h"

namespace coffer {

namespace {

constexpr std::string_view magic = "CofferL0";
constexpr std::size_t headSize = 8 + 8;
constexpr std::size_t checkSize = 8;
constexpr std::size_t frameHead = 4 + checkSize;
constexpr std::uint32_t recordLimit = 256U << 20;  // more than the largest directory makes

}  // namespace

Bytes IndexChange::encode() const {
    WireWriter writer;
    writer.u8(static_cast<std::uint8_t>(kind));
    writer.u64(generation);
    if (kind != Kind::generation) writer.raw(pack.view());
    if (kind == Kind::add) {
        writer.varint(entries.size());
        for (const IndexEntry& entry : entries) {
            writer.raw(entry.key.view());
            writer.u32(entry.block);
            writer.u32(entry.slot);
        }
    }
    return writer.take();
}

IndexChange IndexChange::decode(ByteView data) {
    WireReader reader(data);
    IndexChange change;
    const std::uint8_t kind = reader.u8();
    if (kind > static_cast<std::uint8_t>(Kind::remove)) {
        throw Error(ErrorCode::corrupt, "unknown change of the chunk index");
    }
    change.kind = static_cast<Kind>(kind);
    change.generation = reader.u64();
    if (change.kind != Kind::generation) change.pack = reader.id<PackId>();
    if (change.kind == Kind::add) {
        change.entries.resize(reader.count(sizeof(IndexKey::bytes) + 8, "number of entries"));
        for (IndexEntry& entry : change.entries) {
            entry.key = reader.id<IndexKey>();
            entry.block = reader.u32();
            entry.slot = reader.u32();
        }
        const auto descends = [](const IndexEntry& a, const IndexEntry& b) {
            return a.key >= b.key;
        };
        if (std::ranges::adjacent_find(change.entries, descends) != change.entries.end()) {
            throw Error(ErrorCode::corrupt, "entries of the chunk index are out of order");
        }
    }
    reader.expectEnd();
    return change;
}

IndexLogWriter::IndexLogWriter(std::unique_ptr<DiskWriter> file, std::uint64_t before)
    : file_(std::move(file)) {
    WireWriter head;
    head.raw(bytesOf(magic));
    head.u64(before);
    file_->write(head.bytes());
    size_ = head.size();
}

void IndexLogWriter::append(const IndexChange& change) {
    const Bytes record = change.encode();
    WireWriter frame;
    frame.u32(static_cast<std::uint32_t>(record.size()));
    frame.raw(sha256(record).view().first(checkSize));
    frame.raw(record);
    file_->write(frame.bytes());
    size_ += frame.size();
}

std::optional<std::uint64_t> readLogHead(DiskReader& file) {
    Bytes head(headSize);
    if (file.read(0, head) != head.size()) return {};
    WireReader reader(head);
    if (textOf(reader.raw(magic.size())) != magic) return {};
    return reader.u64();
}

std::uint64_t readLog(DiskReader& file, std::uint64_t end,
                      const std::function<void(IndexChange change)>& each) {
    std::uint64_t at = headSize;
    Bytes head(frameHead);
    Bytes record;
    while (at <= end && end - at >= frameHead && file.read(at, head) == head.size()) {
        WireReader reader(head);
        const std::uint32_t length = reader.u32();
        if (length > recordLimit || length > end - at - frameHead) break;
        record.resize(length);
        if (file.read(at + frameHead, record) != length) break;
        if (!std::ranges::equal(sha256(record).view().first(checkSize), reader.raw(checkSize))) {
            break;
        }
        try {
            each(IndexChange::decode(record));
        } catch (const Error& error) {
            if (error.code() != ErrorCode::corrupt) throw;
            break;
        }
        at += frameHead + length;
    }
    return at;
}

}  // namespace coffer
