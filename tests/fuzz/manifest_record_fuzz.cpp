#include "core/repository/manifest_record.h"

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

// The chain links digests of bodies that are encoded anew, so the forms must be the same.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] {
        require(ManifestRecord::decodeBody({data, size}).encodeBody() == Bytes(data, data + size),
                "a record has one form");
    });
    return 0;
}
