// The first octet chooses which of the index's files the rest is.
#include <algorithm>

#include "core/repository/index_catalog.h"
#include "core/repository/index_log.h"
#include "core/repository/index_segment.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

namespace {

class MemoryReader : public DiskReader {
  public:
    explicit MemoryReader(ByteView data) : data_(data) {}
    std::size_t read(std::uint64_t offset, std::span<std::uint8_t> out) override {
        if (offset >= data_.size()) return 0;
        const ByteView rest = data_.subspan(static_cast<std::size_t>(offset));
        const std::size_t size = std::min(rest.size(), out.size());
        std::copy_n(rest.begin(), size, out.begin());
        return size;
    }
    bool named() override { return true; }

  private:
    ByteView data_;
};

// The digest that a catalog ends with is put right, or nothing would get past it.
void readCatalog(ByteView data) {
    Bytes whole = toBytes(data);
    append(whole, sha256(data).view().first(8));
    mayRefuse([&] {
        const IndexCatalog catalog = IndexCatalog::decode(whole);
        require(IndexCatalog::decode(catalog.encode()).packs.size() == catalog.packs.size(),
                "a catalog comes back");
    });
}

void readChange(ByteView data) {
    mayRefuse([&] {
        const IndexChange change = IndexChange::decode(data);
        require(change.encode() == toBytes(data), "a change comes back");
    });
}

void readLogFile(ByteView data) {
    MemoryReader file(data);
    mayRefuse([&] {
        readLogHead(file);
        const std::uint64_t end = readLog(file, data.size(), [](const IndexChange&) {});
        require(end == 16 || end <= data.size(), "a log ends in its file");
    });
}

void readSegment(ByteView data) {
    if (data.empty()) return;
    const ByteView file = data.subspan(1);
    mayRefuse([&] {
        const IndexSegment segment(std::make_shared<MemoryReader>(file), file.size(), data[0]);
        std::vector<IndexEntry> found;
        IndexSegment::Search search(segment);
        search.find(IndexKey{}, found);
        if (file.size() >= sizeof(IndexKey)) {
            search.find(IndexKey::from(file.first(sizeof(IndexKey))), found);
        }
        require(found.size() <= 2 * std::size_t{data[0]}, "no more is found than there is");
    });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const ByteView rest(data + 1, size - 1);
    switch (data[0] % 4) {
        case 0:
            readCatalog(rest);
            break;
        case 1:
            readChange(rest);
            break;
        case 2:
            readLogFile(rest);
            break;
        default:
            readSegment(rest);
    }
    return 0;
}
