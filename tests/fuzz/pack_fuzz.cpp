#include "core/repository/pack_reader.h"
#include "tests/fuzz/fixed_keys.h"

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

// Opens a pack and all that can be opened in it.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const ServerKeys keys = fixedServerKeys();
    static Decompressor decompressor;
    const ByteView octets{data, size};
    mayRefuse([&] {
        const OpenPack pack = OpenPack::parse(octets, fixedRepository, fixedPack, keys);
        std::uint32_t number = 0;
        for (const BlockPlace& block : pack.directory().blocks) {
            openBlock(pack.access(number++), block,
                      octets.subspan(block.offset, block.sealedLength), decompressor);
        }
    });
    return 0;
}
