#include "core/agent/worker_pipe.h"

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] {
        const std::string line = WorkerOrder::decode(textOf({data, size})).encode();
        require(line.find('\n') == line.size() - 1, "an order is one line");
        require(WorkerOrder::decode(line).encode() == line, "an order comes back");
    });
    return 0;
}
