// The decoders of coffer-rescue, which shares none with the rest.
#include "rescue/config_reader.h"
#include "rescue/content_reader.h"
#include "rescue/key_reader.h"
#include "rescue/kit_reader.h"
#include "rescue/manifest_reader.h"
#include "rescue/manifest_record.h"
#include "rescue/pack_directory.h"
#include "rescue/tree_reader.h"
#include "tests/fuzz/fixed_keys.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

namespace {

rescue::RepositoryId repository() {
    return rescue::RepositoryId::from(fixedRepository.view());
}

rescue::Kit fixedKit() {
    return {repository(), BoxKeyPair::fromSeed(fixedKey(5)),
            SigningKey::fromSeed(fixedKey(5)).verifyKey()};
}

/// Gives the input for every chunk that is asked for, a few times.
class OneChunk : public rescue::ChunkSource {
  public:
    explicit OneChunk(ByteView octets) : octets_(octets) {}
    Bytes read(const ChunkId&, ChunkKind) override {
        if (++reads_ > 20) throw Error(ErrorCode::notFound, "enough");
        return toBytes(octets_);
    }

  private:
    ByteView octets_;
    int reads_ = 0;
};

void readTree(ByteView octets) {
    OneChunk chunks(octets);
    rescue::FolderReader folder(chunks, {}, [](const std::string&) {});
    while (folder.next()) {
    }
}

void readManifest(ByteView octets) {
    rescue::Config config;
    config.repository = repository();
    config.serverVerify = fixedServerKeys().sign.verifyKey();
    rescue::ProblemReport report([](const std::string&) {});
    rescue::ManifestReader reader(config, report);
    reader.addSegment("0000000000000001", octets);
    reader.finish();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const rescue::Kit kit = fixedKit();
    if (size == 0) return 0;
    const ByteView octets{data + 1, size - 1};
    mayRefuse([&] {
        switch (data[0] % 8) {
            case 0:
                rescue::readConfig(octets, kit);
                break;
            case 1: {
                rescue::Config config;
                config.repository = repository();
                rescue::readKeys(octets, config, kit);
                break;
            }
            case 2:
                rescue::readKit(textOf(octets));
                break;
            case 3:  // a signature is tried at each octet: seldom
                if (data[0] == 3) readManifest(octets);
                break;
            case 4: {
                const rescue::PackDirectory directory =
                    rescue::readPackDirectory(octets, rescue::packHeaderSize + 1'000);
                for (const rescue::PackChunk& chunk : directory.chunks) {
                    require(chunk.block < directory.blocks.size(), "a chunk lies in a block");
                    const rescue::PackBlock& block = directory.blocks[chunk.block];
                    require(std::uint64_t{chunk.offset} + chunk.length <= block.rawLength,
                            "a chunk within its block");
                }
                break;
            }
            case 5:
                rescue::readNode(octets);
                break;
            case 6:
                readTree(octets);
                break;
            default:  // what lies behind a signature
                rescue::readManifestRecord(octets);
        }
    });
    return 0;
}
