#include "core/repository/pack_directory.h"

#include "core/base/wire.h"
#include "core/repository/pack_format.h"

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

// The first four octets of an input say how much of the pack the blocks take.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] {
        WireReader reader({data, size});
        const std::uint64_t offset = pack_format::headerSize + reader.u32();
        const ByteView directory = reader.raw(reader.remaining());
        require(PackDirectory::decode(directory, offset).encode() == toBytes(directory),
                "a directory has one form");
    });
    return 0;
}
