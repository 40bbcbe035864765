#include "core/repository/server_keys.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/wire.h"
#include "core/repository/config_format.h"
#include "core/repository/envelope.h"

namespace coffer {

namespace format = config_format;

DedupDomain DedupDomain::random() {
    DedupDomain domain;
    domain.id = randomId<DomainId>();
    fillRandom(domain.key);
    fillRandom(domain.seed);
    return domain;
}

ServerKeys ServerKeys::random() {
    return {0,
            BoxKeyPair::random(),
            BoxKeyPair::random(),
            SigningKey::random(),
            {DedupDomain::random()}};
}

const DedupDomain& ServerKeys::domain(const DomainId& id) const {
    for (const DedupDomain& domain : domains) {
        if (domain.id == id) return domain;
    }
    throw Error(ErrorCode::notFound, "no key for dedup domain " + id.hex());
}

Bytes ServerKeys::encode() const {
    WireWriter writer;
    writer.u32(epoch);
    writer.raw(content.secretKey.view());
    writer.raw(metadata.secretKey.view());
    writer.raw(sign.seed().view());
    writer.varint(domains.size());
    for (const DedupDomain& domain : domains) {
        writer.raw(domain.id.view());
        writer.raw(domain.key);
        writer.raw(domain.seed);
    }
    return writer.take();
}

ServerKeys ServerKeys::decode(ByteView data) {
    WireReader reader(data);
    ServerKeys keys;
    keys.epoch = reader.u32();
    keys.content = BoxKeyPair::fromSecretKey(SecretKey::from(reader.raw(32)));
    keys.metadata = BoxKeyPair::fromSecretKey(SecretKey::from(reader.raw(32)));
    keys.sign = SigningKey::fromSeed(SecretKey::from(reader.raw(32)));
    const std::size_t count = reader.bounded(format::domainLimit, "number of dedup domains");
    for (std::size_t i = 0; i < count; ++i) {
        DedupDomain domain;
        domain.id = reader.id<DomainId>();
        std::ranges::copy(reader.raw(domain.key.size()), domain.key.begin());
        std::ranges::copy(reader.raw(domain.seed.size()), domain.seed.begin());
        keys.domains.push_back(domain);
    }
    reader.expectEnd();
    return keys;
}

void checkKeys(const ServerKeys& keys, const RepositoryConfig& config) {
    if (keys.sign.verifyKey() != config.server || keys.content.publicKey != config.content ||
        keys.metadata.publicKey != config.metadata) {
        throw Error(ErrorCode::wrongKey, "the server's keys do not fit the repository");
    }
}

Bytes sealKeyObject(const ServerKeys& keys, const RepositoryId& repository, const RootKey& root) {
    WireWriter writer = beginObject(format::keysMagic, format::formatVersion);
    writer.raw(repository.view());
    writer.u32(keys.epoch);
    Bytes plain = keys.encode();
    writer.varint(1);  // recipients
    writer.raw(root.box.publicKey.view());
    writer.sized(sealToBox(root.box.publicKey, plain));
    wipe(plain);
    return signObject(writer, root.sign, format::keysPurpose);
}

namespace {

/// What stands in a key object for one recipient.
struct SealedKeys {
    std::uint32_t epoch = 0;
    ByteView box;  // empty: there is none
};

SealedKeys parseKeyObject(ByteView object, const RepositoryId& repository,
                          const BoxPublicKey& recipient, const VerifyKey& root) {
    WireReader reader = openObject(object, format::keysMagic, format::formatVersion);
    if (reader.id<RepositoryId>() != repository) {
        throw Error(ErrorCode::untrusted, "it belongs to another repository");
    }
    SealedKeys keys;
    keys.epoch = reader.u32();
    const std::size_t recipients = reader.bounded(16, "number of recipients");
    for (std::size_t i = 0; i < recipients; ++i) {
        const auto to = reader.id<BoxPublicKey>();
        const ByteView sealed = reader.sized(format::configLimit);
        if (to == recipient) keys.box = sealed;
    }
    checkObjectSignature(object, reader, root, format::keysPurpose);
    return keys;
}

}  // namespace

ServerKeys openKeyObject(ByteView object, const RepositoryId& repository, const RootKey& root) {
    return during("key object", [&] {
        const SealedKeys sealed =
            parseKeyObject(object, repository, root.box.publicKey, root.sign.verifyKey());
        if (sealed.box.empty()) {
            throw Error(ErrorCode::wrongKey, "it is not sealed to this recovery kit");
        }
        Bytes plain = openBox(root.box, sealed.box);
        ServerKeys keys = ServerKeys::decode(plain);
        wipe(plain);
        if (keys.epoch != sealed.epoch) throw Error(ErrorCode::corrupt, "its epoch does not match");
        return keys;
    });
}

void checkKeyObject(ByteView object, const RepositoryConfig& config) {
    during("key object",
           [&] { parseKeyObject(object, config.repositoryId, config.rootBox, config.rootSign); });
}

}  // namespace coffer
