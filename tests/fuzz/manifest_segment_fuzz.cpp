#include "core/repository/manifest_log.h"
#include "tests/fuzz/fixed_keys.h"

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const VerifyKey server = fixedServerKeys().sign.verifyKey();
    mayRefuse([&] { decodeSegment({data, size}, server); });
    return 0;
}
