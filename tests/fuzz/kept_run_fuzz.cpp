// What a repository keeps of a run, once it is opened.
#include "management_server/run_archive/kept_run.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] {
        const ByteView input(data, size);
        const KeptRun run = decodeKeptRun(input, 1);
        if (size > 900'000) return;  // not all of it would fit
        require(encodeKeptRun(run) == toBytes(input), "a kept run has one form");
    });
    return 0;
}
