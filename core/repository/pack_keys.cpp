#include "core/repository/pack_keys.h"

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/repository/pack_format.h"

namespace coffer {

namespace format = pack_format;

Bytes sealPackKey(const BoxPublicKey& recipient, const SecretKey& key,
                  const PackIdentity& identity) {
    WireWriter writer;
    writer.raw(key.view());
    writer.raw(identity.repository.view());
    writer.raw(identity.pack.view());
    writer.u32(identity.epoch);
    Bytes plain = writer.take();
    Bytes box = sealToBox(recipient, plain);
    wipe(plain);
    return box;
}

SecretKey openPackKey(const BoxKeyPair& recipient, ByteView box, const PackIdentity& identity) {
    Bytes plain = openBox(recipient, box);
    WireReader reader(plain);
    const SecretKey key = SecretKey::from(reader.raw(32));
    PackIdentity found;
    found.repository = reader.id<RepositoryId>();
    found.pack = reader.id<PackId>();
    found.epoch = reader.u32();
    reader.expectEnd();
    wipe(plain);
    if (found != identity) {
        throw Error(ErrorCode::untrusted, "the pack's key was sealed for another pack");
    }
    return key;
}

SecretKey blockKey(const SecretKey& packKey, const PackId& pack, std::uint32_t number) {
    WireWriter info;
    info.raw(bytesOf(format::blockPurpose));
    info.u32(number);
    return deriveKey(packKey, pack.view(), info.bytes());
}

SecretKey directoryKey(const SecretKey& packKey, const PackId& pack) {
    return deriveKey(packKey, pack.view(), bytesOf(format::directoryPurpose));
}

Bytes directoryAssociatedData(ByteView header, std::uint32_t rawLength, std::uint8_t codec) {
    WireWriter writer;
    writer.raw(bytesOf(format::directoryPurpose));
    writer.raw(sha256(header).view());
    writer.u32(rawLength);
    writer.u8(codec);
    return writer.take();
}

}  // namespace coffer
