#include "rescue/config_reader.h"

#include <bit>

#include "core/base/error.h"
#include "rescue/object_head.h"

namespace coffer::rescue {

namespace {

constexpr std::size_t signatureSize = sizeof(Signature::bytes);
constexpr std::uint32_t largestChunkSize = 8 * 1024 * 1024;

void readChunkSizes(WireReader& in) {
    const auto minimum = in.u32();
    const auto average = in.u32();
    const auto maximum = in.u32();
    if (!std::has_single_bit(average) || minimum < 64 || minimum >= average || average >= maximum ||
        maximum > largestChunkSize) {
        throw Error(ErrorCode::corrupt, "chunk sizes that cannot be");
    }
}

}  // namespace

Config readConfig(ByteView object, const Kit& kit) {
    if (object.size() > configLimit) throw Error(ErrorCode::corrupt, "too large");
    WireReader in(object);
    readObjectHead(in, "CofferRp");
    if (in.u64() != 0) throw Error(ErrorCode::unsupported, "made by a newer version");
    in.u64();  // what keeps writers out
    in.u64();  // what keeps nobody out
    Config config;
    config.repository = in.id<RepositoryId>();
    config.created = in.time();
    readChunkSizes(in);
    const auto rootBox = in.id<BoxPublicKey>();
    const auto rootVerify = in.id<VerifyKey>();
    config.contentKey = in.id<BoxPublicKey>();
    config.metadataKey = in.id<BoxPublicKey>();
    config.serverVerify = in.id<VerifyKey>();
    const auto signature = in.id<Signature>();
    in.expectEnd();
    verifySignature(rootVerify, "coffer repository config",
                    object.first(object.size() - signatureSize), signature);
    if (config.repository != kit.repository || rootBox != kit.rootBox.publicKey ||
        rootVerify != kit.rootVerify) {
        throw Error(ErrorCode::wrongKey, "the recovery kit belongs to another repository");
    }
    config.digest = sha256(object);
    return config;
}

}  // namespace coffer::rescue
