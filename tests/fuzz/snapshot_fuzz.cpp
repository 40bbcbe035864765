#include "core/snapshot/snapshot.h"

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const SnapshotId id{};
    mayRefuse([&] {
        const Bytes body = Snapshot::decodeBody(id, {data, size}).encodeBody();
        require(Snapshot::decodeBody(id, body).encodeBody() == body, "a body has one form");
    });
    return 0;
}
