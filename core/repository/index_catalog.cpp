#include "core/repository/index_catalog.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/repository/numbered_name.h"

namespace coffer {

namespace {

constexpr std::string_view magic = "CofferI0";
constexpr std::size_t checkSize = 8;
constexpr std::size_t segmentLimit = 1024;

}  // namespace

Bytes IndexCatalog::encode() const {
    WireWriter writer;
    writer.raw(bytesOf(magic));
    writer.raw(repository.view());
    writer.u64(epoch);
    writer.u64(generation);
    writer.varint(packs.size());
    for (const Pack& pack : packs) {
        writer.raw(pack.id.view());
        writer.u32(pack.chunks);
    }
    writer.varint(segments.size());
    for (const Segment& segment : segments) {
        writer.u64(segment.name);
        writer.u64(segment.entries);
    }
    writer.raw(sha256(writer.bytes()).view().first(checkSize));
    return writer.take();
}

IndexCatalog IndexCatalog::decode(ByteView data) {
    if (data.size() < checkSize ||
        !std::ranges::equal(sha256(data.first(data.size() - checkSize)).view().first(checkSize),
                            data.last(checkSize))) {
        throw Error(ErrorCode::corrupt, "the catalog of the chunk index does not check");
    }
    WireReader reader(data.first(data.size() - checkSize));
    if (textOf(reader.raw(magic.size())) != magic) {
        throw Error(ErrorCode::corrupt, "no catalog of a chunk index");
    }
    IndexCatalog catalog;
    catalog.repository = reader.id<RepositoryId>();
    catalog.epoch = reader.u64();
    catalog.generation = reader.u64();
    catalog.packs.resize(reader.count(sizeof(PackId::bytes) + 4, "number of packs"));
    for (Pack& pack : catalog.packs) {
        pack.id = reader.id<PackId>();
        pack.chunks = reader.u32();
    }
    const std::size_t segments = reader.count(16, "number of segments");
    if (segments > segmentLimit) throw Error(ErrorCode::corrupt, "too many segments");
    catalog.segments.resize(segments);
    for (Segment& segment : catalog.segments) {
        segment.name = reader.u64();
        segment.entries = reader.u64();
    }
    reader.expectEnd();
    return catalog;
}

std::string IndexCatalog::logName(std::size_t number) const {
    return numberedName("log-", epoch) + "-" + std::to_string(number);
}

std::string IndexCatalog::segmentName(std::uint64_t name) {
    return numberedName("segment-", name);
}

}  // namespace coffer
