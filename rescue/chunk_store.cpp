#include "rescue/chunk_store.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "core/base/error.h"

namespace coffer::rescue {

namespace {

constexpr std::size_t packsKeptOpen = 4;
constexpr std::size_t blocksKept = 8;

std::uint64_t prefixOf(const ChunkId& id) {
    std::uint64_t prefix;
    std::memcpy(&prefix, id.bytes.data(), sizeof prefix);
    return prefix;
}

}  // namespace

ChunkStore::ChunkStore(const RepositoryFolder& folder, const RepositoryId& repository,
                       const Keys& keys, const Manifest& manifest, ProblemReport& report)
    : folder_(folder),
      repository_(repository),
      keys_(keys),
      openPacks_(packsKeptOpen),
      blocks_(blocksKept) {
    for (const Domain& domain : keys.domains) hashers_.emplace(domain.id, domain.hasher());
    for (const RegisteredPack& pack : manifest.packs) {
        report.attempt("pack " + pack.id.hex(), [&] { addPack(pack); });
    }
    std::sort(rows_.begin(), rows_.end(),
              [](const Row& a, const Row& b) { return a.prefix < b.prefix; });
}

void ChunkStore::addPack(const RegisteredPack& pack) {
    const PackFile file(folder_, repository_, keys_, pack);
    const PackDirectory& directory = file.directory();
    if (!hashers_.contains(directory.domain)) {
        throw Error(ErrorCode::untrusted, "of a dedup domain that is not known");
    }
    const auto number = static_cast<std::uint32_t>(packs_.size());
    packs_.push_back({pack, directory.domain});
    for (std::size_t i = 0; i < directory.chunks.size(); ++i) {
        rows_.push_back({prefixOf(directory.chunks[i].id), number, static_cast<std::uint32_t>(i)});
    }
}

std::vector<ChunkStore::Row> ChunkStore::placesOf(const DomainId& domain, const ChunkId& id) const {
    struct ByPrefix {
        bool operator()(const Row& row, std::uint64_t prefix) const { return row.prefix < prefix; }
        bool operator()(std::uint64_t prefix, const Row& row) const { return prefix < row.prefix; }
    };
    const auto [first, last] =
        std::equal_range(rows_.begin(), rows_.end(), prefixOf(id), ByPrefix());
    std::vector<Row> places;
    std::copy_if(first, last, std::back_inserter(places),
                 [&](const Row& row) { return packs_[row.pack].domain == domain; });
    // Received and verified packs count the same, then come suspect and condemned ones.
    const auto rank = [&](const Row& row) {
        return std::max(packs_[row.pack].registered.state, PackState::verified);
    };
    std::stable_sort(places.begin(), places.end(),
                     [&](const Row& a, const Row& b) { return rank(a) < rank(b); });
    return places;
}

PackFile& ChunkStore::openPack(std::uint32_t number) {
    return *openPacks_.get(number, [&] {
        return std::make_unique<PackFile>(folder_, repository_, keys_, packs_[number].registered);
    });
}

Bytes ChunkStore::readAt(const Row& row, const ChunkId& id, ChunkKind kind) {
    PackFile& pack = openPack(row.pack);
    const PackChunk& chunk = pack.directory().chunks.at(row.chunk);
    if (chunk.id != id) throw Error(ErrorCode::notFound, "only the id of another chunk");
    if (pack.directory().blocks[chunk.block].kind != kind) {
        throw Error(ErrorCode::corrupt, "a chunk of another kind");
    }
    const Bytes& block =
        blocks_.get({row.pack, chunk.block}, [&] { return pack.readBlock(chunk.block); });
    const auto octets = ByteView(block).subspan(chunk.offset, chunk.length);
    if (hashers_.at(packs_[row.pack].domain).id(kind, octets) != id) {
        throw Error(ErrorCode::corrupt, "octets that do not have the id");
    }
    return toBytes(octets);
}

Bytes ChunkStore::read(const DomainId& domain, const ChunkId& id, ChunkKind kind) {
    std::optional<Error> failure;
    for (const Row& row : placesOf(domain, id)) {
        try {
            return readAt(row, id, kind);
        } catch (const Error& error) {
            failure = error.within("pack " + packs_[row.pack].registered.id.hex());
        }
    }
    const std::string step = "chunk " + id.hex();
    if (failure) throw failure->within(step);
    throw Error(ErrorCode::notFound, "in no pack that can be read").within(step);
}

}  // namespace coffer::rescue
