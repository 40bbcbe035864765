#include "core/snapshot/content_list.h"

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] {
        require(ContentList::decode({data, size}).encode() == Bytes(data, data + size),
                "a list has one form");
    });
    return 0;
}
