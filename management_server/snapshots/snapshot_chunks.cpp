#include "management_server/snapshots/snapshot_chunks.h"

#include <algorithm>
#include <utility>

namespace coffer {

namespace {

constexpr std::size_t idleReaders = 8;

}  // namespace

ReaderPool::Reader ReaderPool::take(const std::shared_ptr<Repository>& repository,
                                    const DomainId& domain) {
    Readers found;
    idle_.with([&](Readers& idle) {
        const auto fitting = std::ranges::find_if(idle, [&](const Reader& reader) {
            return reader.repository == repository && reader.domain == domain;
        });
        if (fitting != idle.end()) found.splice(found.begin(), idle, fitting);
    });
    if (!found.empty()) return std::move(found.front());
    return {repository, domain, std::make_unique<SnapshotReader>(*repository, domain)};
}

void ReaderPool::giveBack(Reader reader) {
    Readers dropped;  // without the lock
    idle_.with([&](Readers& idle) {
        idle.push_front(std::move(reader));
        if (idle.size() > idleReaders) dropped.splice(dropped.begin(), idle, --idle.end());
    });
}

void ReaderPool::clear() {
    Readers dropped;
    idle_.with([&](Readers& idle) { dropped.swap(idle); });
}

Bytes SnapshotChunks::read(const ChunkId& id) {
    Bytes content;
    view(id, [&](ByteView found) { content = toBytes(found); });
    return content;
}

void SnapshotChunks::view(const ChunkId& id, const std::function<void(ByteView)>& use) {
    ReaderPool::Reader reader = pool_.take(repository_, domain_);
    reader.reader->chunks().view(id, use);
    pool_.giveBack(std::move(reader));
}

}  // namespace coffer
