#include "rescue/key_reader.h"

#include <optional>

#include "core/base/error.h"
#include "rescue/object_head.h"

namespace coffer::rescue {

namespace {

constexpr std::size_t signatureSize = sizeof(Signature::bytes);
constexpr std::uint64_t mostRecipients = 16;
constexpr std::uint64_t mostDomains = 256;
constexpr std::uint64_t boxLimit = 64 * 1024;

Keys keysFrom(ByteView plaintext, const Config& config) {
    WireReader in(plaintext);
    Keys keys;
    keys.epoch = in.u32();
    keys.content = BoxKeyPair::fromSecretKey(SecretKey::from(in.raw(32)));
    keys.metadata = BoxKeyPair::fromSecretKey(SecretKey::from(in.raw(32)));
    const auto server = SigningKey::fromSeed(SecretKey::from(in.raw(32)));
    const auto domains = in.bounded(mostDomains, "number of domains");
    for (std::uint64_t i = 0; i < domains; ++i) {
        const auto id = in.id<DomainId>();
        const auto idKey = SecretKey::from(in.raw(32));
        in.raw(32);  // the chunker seed, which a restore does not need
        keys.domains.push_back({id, idKey});
    }
    in.expectEnd();
    if (keys.content.publicKey != config.contentKey ||
        keys.metadata.publicKey != config.metadataKey ||
        server.verifyKey() != config.serverVerify) {
        throw Error(ErrorCode::untrusted, "keys that are not those of the config");
    }
    return keys;
}

}  // namespace

Keys readKeys(ByteView object, const Config& config, const Kit& kit) {
    if (object.size() > keyObjectLimit) throw Error(ErrorCode::corrupt, "too large");
    WireReader in(object);
    readObjectHead(in, "CofferKy");
    if (in.id<RepositoryId>() != config.repository) {
        throw Error(ErrorCode::untrusted, "the keys of another repository");
    }
    const auto epoch = in.u32();
    const auto recipients = in.bounded(mostRecipients, "number of recipients");
    std::optional<ByteView> ours;
    for (std::uint64_t i = 0; i < recipients; ++i) {
        const auto recipient = in.id<BoxPublicKey>();
        const auto box = in.sized(boxLimit);
        if (recipient == kit.rootBox.publicKey) ours = box;
    }
    const auto signature = in.id<Signature>();
    in.expectEnd();
    verifySignature(kit.rootVerify, "coffer key object",
                    object.first(object.size() - signatureSize), signature);
    if (!ours) throw Error(ErrorCode::wrongKey, "not sealed to the recovery kit");
    Bytes plaintext = openBox(kit.rootBox, *ours);
    const Keys keys = keysFrom(plaintext, config);
    wipe(plaintext);
    if (keys.epoch != epoch) throw Error(ErrorCode::corrupt, "two epochs in one key object");
    return keys;
}

}  // namespace coffer::rescue
