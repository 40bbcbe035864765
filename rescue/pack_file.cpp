#include "rescue/pack_file.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/codec/aead.h"
#include "rescue/object_head.h"

namespace coffer::rescue {

namespace {

constexpr std::uint64_t trailerSize = 28;
constexpr std::uint64_t packLimit = 128 * 1024 * 1024;
constexpr std::uint32_t directoryLimit = 64 * 1024 * 1024;
constexpr std::size_t contentBoxOffset = 48;
constexpr std::size_t keyBoxSize = 116;
constexpr std::size_t metadataBoxOffset = contentBoxOffset + keyBoxSize;
constexpr std::size_t pieceSize = 1024 * 1024;

[[noreturn]] void corrupt(const char* what) {
    throw Error(ErrorCode::corrupt, what);
}

Bytes blockAssociated(const RepositoryId& repository, const PackId& pack, std::uint32_t number,
                      const PackBlock& block) {
    WireWriter out;
    out.raw(bytesOf("coffer block"));
    out.u16(1);
    out.raw(repository.view());
    out.raw(pack.view());
    out.u32(number);
    out.u8(static_cast<std::uint8_t>(block.kind));
    out.u32(block.rawLength);
    out.u8(static_cast<std::uint8_t>(block.codec));
    return out.take();
}

SecretKey blockKey(const SecretKey& contentKey, const PackId& pack, std::uint32_t number) {
    WireWriter info;
    info.raw(bytesOf("coffer block"));
    info.u32(number);
    return deriveKey(contentKey, pack.view(), info.bytes());
}

RepositoryObject openPack(const RepositoryFolder& folder, const RegisteredPack& pack) {
    auto file = folder.open(packName(pack.id));
    if (file.size() != pack.size) corrupt("not as long as registered");
    if (file.size() < packHeaderSize + trailerSize || file.size() > packLimit) {
        corrupt("a length that no pack has");
    }
    return file;
}

}  // namespace

std::string packName(const PackId& pack) {
    const std::string hex = pack.hex();
    return "packs/" + hex.substr(0, 2) + "/" + hex;
}

PackFile::PackFile(const RepositoryFolder& folder, const RepositoryId& repository, const Keys& keys,
                   const RegisteredPack& pack)
    : repository_(repository),
      keys_(keys),
      id_(pack.id),
      file_(openPack(folder, pack)),
      header_(file_.read(0, packHeaderSize)) {
    readHeader(header_);
    readTrailer();
}

void PackFile::readHeader(ByteView header) const {
    WireReader in(header);
    readObjectHead(in, "CofferPk");
    if (in.u16() != 0) corrupt("header: the reserved octets are used");
    const auto epoch = in.u32();
    const auto repository = in.id<RepositoryId>();
    if (epoch > keys_.epoch) {
        throw Error(ErrorCode::unsupported, "sealed to keys of a newer version");
    }
    if (in.id<PackId>() != id_ || repository != repository_ || epoch != keys_.epoch) {
        throw Error(ErrorCode::untrusted, "another pack than its name tells");
    }
}

SecretKey PackFile::openKey(ByteView box, const BoxKeyPair& recipient) const {
    Bytes plaintext = openBox(recipient, box);
    WireReader in(plaintext);
    const auto key = SecretKey::from(in.raw(32));
    const auto repository = in.id<RepositoryId>();
    const auto pack = in.id<PackId>();
    const bool ours = repository == repository_ && pack == id_ && in.u32() == keys_.epoch;
    in.expectEnd();
    wipe(plaintext);
    if (!ours) throw Error(ErrorCode::untrusted, "the key of another pack");
    return key;
}

const SecretKey& PackFile::contentKey() {
    if (!contentKey_) {
        const auto box = ByteView(header_).subspan(contentBoxOffset, keyBoxSize);
        contentKey_ = openKey(box, keys_.content);
    }
    return *contentKey_;
}

void PackFile::readTrailer() {
    const Bytes trailer = file_.read(file_.size() - trailerSize, trailerSize);
    WireReader in(trailer);
    const auto offset = in.u64();
    const auto sealedLength = in.u32();
    const auto rawLength = in.u32();
    const auto codec = in.u8();
    const auto reserved = in.raw(3);
    if (textOf(in.raw(8)) != "CofferPe") corrupt("no trailer");
    if (std::any_of(reserved.begin(), reserved.end(), [](auto octet) { return octet != 0; }) ||
        rawLength > directoryLimit || offset < packHeaderSize || sealedLength < sealOverhead ||
        offset > file_.size() || file_.size() - offset != sealedLength + trailerSize) {
        corrupt("a trailer that cannot be");
    }
    const auto box = ByteView(header_).subspan(metadataBoxOffset, keyBoxSize);
    const auto key =
        deriveKey(openKey(box, keys_.metadata), id_.view(), bytesOf("coffer directory"));
    WireWriter associated;
    associated.raw(bytesOf("coffer directory"));
    associated.raw(sha256(header_).view());
    associated.u32(rawLength);
    associated.u8(codec);
    Bytes packed = openSealed(key, associated.bytes(), file_.read(offset, sealedLength));
    const Bytes raw =
        decompressor_.decompress(static_cast<Codec>(codec), std::move(packed), rawLength);
    directory_ = readPackDirectory(raw, offset);
}

Bytes PackFile::readBlock(std::uint32_t number) {
    const PackBlock& block = directory_.blocks.at(number);
    return during("block " + std::to_string(number), [&] {
        if (block.sealedLength < sealOverhead) corrupt("shorter than a seal");
        const auto key = blockKey(contentKey(), id_, number);
        Bytes packed = openSealed(key, blockAssociated(repository_, id_, number, block),
                                  file_.read(block.offset, block.sealedLength));
        return decompressor_.decompress(block.codec, std::move(packed), block.rawLength);
    });
}

Digest PackFile::digest() const {
    Sha256 hash;
    Bytes piece;
    for (std::uint64_t offset = 0; offset < file_.size(); offset += piece.size()) {
        piece.resize(std::min<std::uint64_t>(pieceSize, file_.size() - offset));
        file_.read(offset, piece);
        hash.update(piece);
    }
    return hash.finish();
}

}  // namespace coffer::rescue
