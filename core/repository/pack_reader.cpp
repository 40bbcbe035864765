#include "core/repository/pack_reader.h"

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/codec/aead.h"
#include "core/repository/envelope.h"
#include "core/repository/pack_format.h"

namespace coffer {

namespace format = pack_format;

namespace {

struct Trailer {
    std::uint64_t directoryOffset = 0;
    std::uint32_t sealedLength = 0;
    std::uint32_t rawLength = 0;
    std::uint8_t codec = 0;
};

Trailer parseTrailer(ByteView data, std::uint64_t packSize) {
    WireReader reader(data);
    Trailer trailer;
    trailer.directoryOffset = reader.u64();
    trailer.sealedLength = reader.u32();
    trailer.rawLength = reader.u32();
    trailer.codec = reader.u8();
    const ByteView reserved = reader.raw(3);
    if (reserved[0] != 0 || reserved[1] != 0 || reserved[2] != 0 ||
        textOf(reader.raw(format::endMagic.size())) != format::endMagic ||
        trailer.rawLength > format::directoryRawLimit ||
        trailer.directoryOffset < format::headerSize || trailer.directoryOffset > packSize ||
        trailer.directoryOffset + trailer.sealedLength + format::trailerSize != packSize) {
        throw Error(ErrorCode::corrupt, "the pack does not end as it should");
    }
    return trailer;
}

void unseal(const BlockAccess& access, const BlockPlace& place, ByteView sealed, Bytes& packed) {
    if (sealed.size() != place.sealedLength) {
        throw Error(ErrorCode::corrupt, "the block is cut short");
    }
    openSealed(access.key,
               blockAssociatedData(access.repository, access.pack, access.number, place), sealed,
               packed);
}

struct Header {
    PackIdentity identity;
    ByteView contentBox;
    ByteView metadataBox;
};

Header parseHeader(ByteView data) {
    WireReader reader(data);
    if (textOf(reader.raw(format::magic.size())) != format::magic) {
        throw Error(ErrorCode::corrupt, "this is no pack");
    }
    checkVersion(reader.u16(), format::formatVersion);
    if (reader.u16() != 0) throw Error(ErrorCode::corrupt, "reserved octets are not zero");
    Header header;
    header.identity.epoch = reader.u32();
    header.identity.repository = reader.id<RepositoryId>();
    header.identity.pack = reader.id<PackId>();
    header.contentBox = reader.raw(format::keyBoxSize);
    header.metadataBox = reader.raw(format::keyBoxSize);
    return header;
}

}  // namespace

bool isPackDamage(ErrorCode code) {
    return code == ErrorCode::notFound || code == ErrorCode::corrupt ||
           code == ErrorCode::untrusted || code == ErrorCode::wrongKey;
}

Bytes openPacked(const BlockAccess& access, const BlockPlace& place, ByteView sealed) {
    Bytes packed;
    unseal(access, place, sealed, packed);
    return packed;
}

Bytes openBlock(const BlockAccess& access, const BlockPlace& place, ByteView sealed,
                Decompressor& decompressor) {
    return decompressor.decompress(place.codec, openPacked(access, place, sealed), place.rawLength);
}

ByteView BlockOpener::open(const BlockAccess& access, const BlockPlace& place, ByteView sealed) {
    unseal(access, place, sealed, packed_);
    return decompressor_.decompressHere(place.codec, packed_, place.rawLength);
}

OpenPack OpenPack::readWith(const ReadRange& read, std::uint64_t size, const PackIdentity& wanted,
                            const ServerKeys& keys) {
    if (size < format::headerSize + format::trailerSize || size > format::packLimit) {
        throw Error(ErrorCode::corrupt, "the pack has an impossible length");
    }
    const Bytes headerData = read(0, format::headerSize);
    const Header header = parseHeader(headerData);
    if (header.identity.epoch > wanted.epoch) {
        throw Error(ErrorCode::unsupported, "sealed to keys of epoch " +
                                                std::to_string(header.identity.epoch) +
                                                ", which need a newer version of Coffer");
    }
    if (header.identity != wanted) {
        throw Error(ErrorCode::untrusted, "the pack belongs to another repository, epoch or name");
    }
    const Trailer trailer =
        parseTrailer(read(size - format::trailerSize, format::trailerSize), size);
    OpenPack pack;
    pack.identity_ = wanted;
    pack.contentKey_ = openPackKey(keys.content, header.contentBox, wanted);
    const SecretKey metadataKey = openPackKey(keys.metadata, header.metadataBox, wanted);
    Bytes packed = openSealed(directoryKey(metadataKey, wanted.pack),
                              directoryAssociatedData(headerData, trailer.rawLength, trailer.codec),
                              read(trailer.directoryOffset, trailer.sealedLength));
    const Bytes raw = Decompressor().decompress(static_cast<Codec>(trailer.codec),
                                                std::move(packed), trailer.rawLength);
    pack.directory_ = PackDirectory::decode(raw, trailer.directoryOffset);
    return pack;
}

OpenPack OpenPack::open(ObjectStore& store, const RepositoryId& repository, const PackId& pack,
                        const ServerKeys& keys) {
    return during("pack " + pack.hex(), [&] {
        const std::string name = packName(pack);
        const std::optional<std::uint64_t> size = store.size(name);
        if (!size) throw Error(ErrorCode::notFound, "the pack is missing");
        const auto read = [&](std::uint64_t offset, std::size_t length) {
            Bytes data(length);
            store.read(name, offset, data);
            return data;
        };
        return readWith(read, *size, {repository, pack, keys.epoch}, keys);
    });
}

OpenPack OpenPack::parse(ByteView pack, const RepositoryId& repository, const PackId& id,
                         const ServerKeys& keys) {
    return during("pack " + id.hex(), [&] {
        const auto read = [&](std::uint64_t offset, std::size_t length) {
            return toBytes(pack.subspan(offset, length));
        };
        return readWith(read, pack.size(), {repository, id, keys.epoch}, keys);
    });
}

BlockAccess OpenPack::access(std::uint32_t block) const {
    return {identity_.repository, identity_.pack, block,
            blockKey(contentKey_, identity_.pack, block)};
}

}  // namespace coffer
