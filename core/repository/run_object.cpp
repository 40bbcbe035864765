#include "core/repository/run_object.h"

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/codec/compression.h"
#include "core/repository/envelope.h"
#include "core/repository/numbered_name.h"

namespace coffer {

namespace {

constexpr std::string_view folder = "runs/";
constexpr std::string_view magic = "CofferRu";
constexpr std::string_view purpose = "coffer run";
constexpr std::uint16_t formatVersion = 1;
constexpr std::size_t boxLimit = runLimit + 256;
constexpr std::size_t objectLimit = boxLimit + 256;

ByteView boxIn(ByteView object, const RepositoryConfig& config, std::uint64_t number) {
    WireReader reader = openObject(object, magic, formatVersion);
    if (reader.id<RepositoryId>() != config.repositoryId || reader.u64() != number) {
        throw Error(ErrorCode::untrusted, "it belongs to another repository or number");
    }
    const ByteView box = reader.sized(boxLimit);
    checkObjectSignature(object, reader, config.server, purpose);
    return box;
}

Bytes unpack(ByteView plain) {
    WireReader reader(plain);
    const auto codec = static_cast<Codec>(reader.u8());
    const auto size = static_cast<std::size_t>(reader.bounded(runLimit, "size of a run"));
    return Decompressor().decompress(codec, toBytes(reader.raw(reader.remaining())), size);
}

}  // namespace

std::string runObjectName(std::uint64_t number) {
    return numberedName(folder, number);
}

std::map<std::uint64_t, std::uint64_t> sizesOfKeptRuns(ObjectStore& store) {
    std::map<std::uint64_t, std::uint64_t> sizes;
    store.list(folder, [&](std::string_view name, std::uint64_t size) {
        if (const auto number = numberOf(folder, name)) sizes.emplace(*number, size);
    });
    return sizes;
}

std::vector<std::uint64_t> keptRuns(ObjectStore& store) {
    std::vector<std::uint64_t> numbers;
    for (const auto& [number, size] : sizesOfKeptRuns(store)) numbers.push_back(number);
    return numbers;
}

Bytes sealRun(const RepositoryConfig& config, const SigningKey& server, std::uint64_t number,
              ByteView content) {
    if (content.size() > runLimit) {
        throw Error(ErrorCode::limitExceeded, "too much to be kept of a run");
    }
    Compressor compressor(3);
    const Compressor::Packed packed = compressor.compress(content);
    WireWriter plain;
    plain.u8(static_cast<std::uint8_t>(packed.codec));
    plain.varint(content.size());
    plain.raw(packed.data);
    WireWriter object = beginObject(magic, formatVersion);
    object.raw(config.repositoryId.view());
    object.u64(number);
    object.sized(sealToBox(config.metadata, plain.bytes()));
    return signObject(object, server, purpose);
}

void checkRun(ByteView object, const RepositoryConfig& config, std::uint64_t number) {
    during("run " + std::to_string(number), [&] { boxIn(object, config, number); });
}

Bytes openRun(ByteView object, const RepositoryConfig& config, const ServerKeys& keys,
              std::uint64_t number) {
    return during("run " + std::to_string(number),
                  [&] { return unpack(openBox(keys.metadata, boxIn(object, config, number))); });
}

Bytes readRunObject(ObjectStore& store, std::uint64_t number) {
    return readAll(store, runObjectName(number), objectLimit);
}

Bytes readRun(ObjectStore& store, const RepositoryConfig& config, const ServerKeys& keys,
              std::uint64_t number) {
    return openRun(readRunObject(store, number), config, keys, number);
}

}  // namespace coffer
