#include "core/rpc/store/forms.h"

#include <array>
#include <cstring>

#include "core/codec/aead.h"
#include "core/repository/pack_format.h"
#include "core/rpc/convert.h"

namespace coffer::rpc {

namespace {

constexpr std::size_t idSize = sizeof(ChunkId);
static_assert(idSize == 32);

template <std::size_t N>
std::array<std::uint8_t, N> toArray(const Coffer::Octets& octets) {
    return toId<Id<N, void>>(octets).bytes;
}

SecretKey toSecret(const Coffer::Octets& octets) {
    if (octets.length() != SecretKey().view().size()) {
        throw Error(ErrorCode::invalidArgument, "a key has not its length");
    }
    return SecretKey::from(viewOf(octets));
}

struct KindName {
    ChunkKind kind;
    const char* name;
};
constexpr KindName kinds[] = {
    {ChunkKind::data, "data"}, {ChunkKind::tree, "tree"}, {ChunkKind::list, "list"}};

const char* nameOf(ChunkKind kind) {
    for (const KindName& each : kinds) {
        if (each.kind == kind) return each.name;
    }
    throw Error(ErrorCode::internal, "a kind of chunk without a name");
}

ChunkKind kindOf(const char* name) {
    for (const KindName& each : kinds) {
        if (std::strcmp(each.name, name) == 0) return each.kind;
    }
    throw Error(ErrorCode::unsupported, "a kind of block that is not known");
}

Codec codecOf(CORBA::ULong number) {
    if (number != static_cast<CORBA::ULong>(Codec::plain) &&
        number != static_cast<CORBA::ULong>(Codec::zstd)) {
        throw Error(ErrorCode::unsupported, "a codec that is not known");
    }
    return static_cast<Codec>(number);
}

void checkPlace(const BlockPlace& place, std::span<const PlannedChunk> chunks) {
    namespace format = pack_format;
    if (place.rawLength > format::blockRawLimit ||
        place.sealedLength > format::blockRawLimit + sealOverhead || chunks.empty()) {
        throw Error(ErrorCode::corrupt, "a planned block that cannot be");
    }
    for (const PlannedChunk& chunk : chunks) {
        if (chunk.offset > place.rawLength || chunk.length > place.rawLength - chunk.offset) {
            throw Error(ErrorCode::corrupt, "a planned chunk lies outside of its block");
        }
    }
}

}  // namespace

// The ORB only reads a sequence that goes out.
Coffer::Octets lend(ByteView data) {
    const auto length = static_cast<CORBA::ULong>(data.size());
    return {length, length, const_cast<CORBA::Octet*>(data.data()), false};
}

Coffer::Octets lendIds(std::span<const ChunkId> ids) {
    return lend({reinterpret_cast<const std::uint8_t*>(ids.data()), ids.size_bytes()});
}

std::vector<ChunkId> toIds(const Coffer::Octets& octets, CORBA::ULong most) {
    if (octets.length() % idSize != 0 || octets.length() / idSize > most) {
        throw Error(ErrorCode::invalidArgument, std::to_string(octets.length()) +
                                                    " octets are not up to " +
                                                    std::to_string(most) + " ids");
    }
    std::vector<ChunkId> ids(octets.length() / idSize);
    if (!ids.empty()) std::memcpy(ids.data(), octets.get_buffer(), octets.length());
    return ids;
}

Coffer::PackEntry toEntry(const PackRegistration& registration) {
    Coffer::PackEntry entry;
    entry.pack = toOctets(registration.pack);
    entry.size = registration.size;
    entry.digest = toOctets(registration.sha256);
    entry.agent = toOctets(registration.agent);
    entry.signature = toOctets(registration.signature);
    return entry;
}

PackRegistration toRegistration(const Coffer::PackEntry& entry) {
    PackRegistration registration;
    registration.pack = toId<PackId>(entry.pack);
    registration.size = entry.size;
    registration.sha256 = toId<Digest>(entry.digest);
    registration.agent = toId<AgentId>(entry.agent);
    registration.signature = toId<Signature>(entry.signature);
    return registration;
}

Coffer::SnapshotEntry toEntry(const SnapshotRegistration& registration) {
    Coffer::SnapshotEntry entry;
    entry.snapshot = toOctets(registration.id);
    entry.agent = toOctets(registration.agent);
    entry.domain = toOctets(registration.domain);
    entry.root = toOctets(registration.root);
    entry.digest = toOctets(registration.object);
    entry.hidden = registration.hidden;
    entry.signature = toOctets(registration.signature);
    return entry;
}

SnapshotRegistration toRegistration(const Coffer::SnapshotEntry& entry) {
    SnapshotRegistration registration;
    registration.id = toId<SnapshotId>(entry.snapshot);
    registration.agent = toId<AgentId>(entry.agent);
    registration.domain = toId<DomainId>(entry.domain);
    registration.root = toId<ChunkId>(entry.root);
    registration.object = toId<Digest>(entry.digest);
    registration.hidden = entry.hidden;
    registration.signature = toId<Signature>(entry.signature);
    return registration;
}

void fill(Coffer::BackupTerms& terms, const RepositoryConfig& config, const ServerKeys& keys) {
    const DedupDomain& domain = keys.domains.front();
    terms.repositoryId = toOctets(config.repositoryId);
    terms.epoch = keys.epoch;
    terms.contentKey = toOctets(config.content);
    terms.metadataKey = toOctets(config.metadata);
    terms.domainId = toOctets(domain.id);
    terms.domainKey = toOctets(ByteView(domain.key));
    terms.domainSeed = toOctets(ByteView(domain.seed));
    terms.chunkMinimum = config.chunker.minimumSize;
    terms.chunkAverage = config.chunker.averageSize;
    terms.chunkMaximum = config.chunker.maximumSize;
}

AgentKeys toKeys(const Coffer::BackupTerms& terms, const AgentIdentity& agent) {
    DedupDomain domain;
    domain.id = toId<DomainId>(terms.domainId);
    domain.key = toArray<32>(terms.domainKey);
    domain.seed = toArray<32>(terms.domainSeed);
    return {toId<RepositoryId>(terms.repositoryId),
            terms.epoch,
            toId<BoxPublicKey>(terms.contentKey),
            toId<BoxPublicKey>(terms.metadataKey),
            domain,
            agent.id,
            agent.sign};
}

ChunkerParameters toChunker(const Coffer::BackupTerms& terms) {
    const ChunkerParameters parameters{terms.chunkMinimum, terms.chunkAverage, terms.chunkMaximum};
    parameters.check();
    return parameters;
}

void fill(Coffer::PlannedBlock& form, const PlannedBlock& block) {
    form.pack = toOctets(block.access.pack);
    form.number = block.access.number;
    form.key = toOctets(block.access.key.view());
    form.offset = block.place.offset;
    form.sealedLength = block.place.sealedLength;
    form.rawLength = block.place.rawLength;
    form.kind = nameOf(block.place.kind);
    form.codec = static_cast<CORBA::ULong>(block.place.codec);
    form.chunks.length(static_cast<CORBA::ULong>(block.chunks.size()));
    for (CORBA::ULong i = 0; i < form.chunks.length(); ++i) {
        form.chunks[i] = {block.chunks[i].request, block.chunks[i].offset, block.chunks[i].length};
    }
}

PlannedBlock toBlock(const Coffer::PlannedBlock& form, const RepositoryId& repository) {
    PlannedBlock block;
    block.access.repository = repository;
    block.access.pack = toId<PackId>(form.pack);
    block.access.number = form.number;
    block.access.key = toSecret(form.key);
    block.place.kind = kindOf(form.kind);
    block.place.codec = codecOf(form.codec);
    block.place.offset = form.offset;
    block.place.sealedLength = form.sealedLength;
    block.place.rawLength = form.rawLength;
    block.chunks.reserve(form.chunks.length());
    for (CORBA::ULong i = 0; i < form.chunks.length(); ++i) {
        const Coffer::PlannedChunk& chunk = form.chunks[i];
        block.chunks.push_back({chunk.request, chunk.offset, chunk.length});
    }
    checkPlace(block.place, block.chunks);
    return block;
}

}  // namespace coffer::rpc
