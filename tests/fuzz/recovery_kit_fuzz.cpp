#include "core/repository/recovery_kit.h"

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] {
        const RecoveryKit kit = RecoveryKit::fromText(textOf({data, size}));
        require(RecoveryKit::fromText(kit.toText({}, "place")) == kit, "a kit comes back");
    });
    return 0;
}
