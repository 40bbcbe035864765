#include "core/agent/worker_pipe.h"

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] {
        const std::string line = encodeReport(decodeReport(textOf({data, size})));
        require(line.find('\n') == line.size() - 1, "a report is one line");
        require(encodeReport(decodeReport(line)) == line, "a report comes back");
    });
    return 0;
}
