#include "core/repository/pack_writer.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/codec/aead.h"
#include "core/repository/pack_format.h"

namespace coffer {

namespace format = pack_format;

namespace {

// A directory is mostly ids; what it has beside them (offsets, lengths) still shrinks well.
constexpr int directoryLevel = 1;

Bytes makeHeader(const AgentKeys& keys, const PackIdentity& identity, const SecretKey& contentKey,
                 const SecretKey& metadataKey) {
    WireWriter writer;
    writer.raw(bytesOf(format::magic));
    writer.u16(format::formatVersion);
    writer.u16(0);
    writer.u32(identity.epoch);
    writer.raw(identity.repository.view());
    writer.raw(identity.pack.view());
    writer.raw(sealPackKey(keys.content, contentKey, identity));
    writer.raw(sealPackKey(keys.metadata, metadataKey, identity));
    return writer.take();
}

}  // namespace

Bytes PackRegistration::statement(const RepositoryId& repository) const {
    WireWriter writer;
    writer.raw(repository.view());
    writer.raw(pack.view());
    writer.u64(size);
    writer.raw(sha256.view());
    writer.raw(agent.view());
    return writer.take();
}

PackWriter::PackWriter(const AgentKeys& keys, std::unique_ptr<PackUpload> upload)
    : keys_(keys),
      upload_(std::move(upload)),
      identity_{keys.repositoryId, upload_->id(), keys.epoch},
      contentKey_(SecretKey::random()),
      metadataKey_(SecretKey::random()),
      header_(makeHeader(keys, identity_, contentKey_, metadataKey_)) {
    directory_.domain = keys.domain.id;
    write(header_);
}

PackWriter::~PackWriter() = default;

void PackWriter::add(BlockContent block, const Compressor::Packed& packed) {
    if (broken_) throw Error(ErrorCode::ioError, "the pack could not be written before");
    if (block.rawLength > format::blockRawLimit) {
        throw Error(ErrorCode::limitExceeded, "a block of " + std::to_string(block.rawLength) +
                                                  " octets is too large for a pack");
    }
    BlockPlace place;
    place.kind = block.kind;
    place.codec = packed.codec;
    place.offset = size_;
    place.rawLength = block.rawLength;
    place.sealedLength = static_cast<std::uint32_t>(packed.data.size() + sealOverhead);
    place.chunks = std::move(block.chunks);
    const auto number = static_cast<std::uint32_t>(directory_.blocks.size());
    directorySize_ += 16;
    for (const ChunkPlace& chunk : place.chunks) {
        directorySize_ += 36 + 32 * chunk.references.size();
    }
    broken_ = true;
    directory_.blocks.push_back(std::move(place));
    // Straight into the slice: the octets of a block are moved once.
    seal(
        blockKey(contentKey_, identity_.pack, number),
        blockAssociatedData(identity_.repository, identity_.pack, number, directory_.blocks.back()),
        packed.data, slice_);
    broken_ = false;
    written(packed.data.size() + sealOverhead);
}

bool PackWriter::full() const {
    return size_ >= format::packTarget || directorySize_ >= format::directoryTarget;
}

void PackWriter::finish() {
    if (broken_) throw Error(ErrorCode::ioError, "the pack could not be written before");
    const Bytes raw = directory_.encode();
    Compressor compressor(directoryLevel);
    const auto [codec, packed] = compressor.compress(raw);
    Bytes sealed;
    seal(directoryKey(metadataKey_, identity_.pack),
         directoryAssociatedData(header_, static_cast<std::uint32_t>(raw.size()),
                                 static_cast<std::uint8_t>(codec)),
         packed, sealed);
    WireWriter trailer;
    trailer.u64(size_);
    trailer.u32(static_cast<std::uint32_t>(sealed.size()));
    trailer.u32(static_cast<std::uint32_t>(raw.size()));
    trailer.u8(static_cast<std::uint8_t>(codec));
    trailer.raw(Bytes(3));
    trailer.raw(bytesOf(format::endMagic));
    write(sealed);
    write(trailer.bytes());
    flush();
    broken_ = true;  // whatever comes of it, nothing may follow
    PackRegistration registration;
    registration.pack = identity_.pack;
    registration.size = size_;
    registration.sha256 = hash_.finish();
    registration.agent = keys_.agentId;
    registration.signature =
        keys_.sign.sign(format::registrationPurpose, registration.statement(identity_.repository));
    upload_->finish(registration);
}

void PackWriter::write(ByteView data) {
    if (broken_) throw Error(ErrorCode::ioError, "the pack could not be written before");
    append(slice_, data);
    written(data.size());
}

// The last `octets` of the slice are new.
void PackWriter::written(std::size_t octets) {
    hash_.update(ByteView(slice_).last(octets));
    size_ += octets;
    if (slice_.size() >= format::sliceSize) flush();
}

void PackWriter::flush() {
    broken_ = true;
    for (ByteView rest = slice_; !rest.empty();) {
        const ByteView piece = rest.first(std::min(rest.size(), format::sliceSize));
        upload_->append(piece);
        rest = rest.subspan(piece.size());
    }
    slice_.clear();
    broken_ = false;
}

}  // namespace coffer
