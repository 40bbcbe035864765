#include "core/rpc/store/agent_list.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] {
        const rpc::AgentList agents = rpc::decodeAgentList(textOf({data, size}));
        require(rpc::decodeAgentList(rpc::encodeAgentList(agents)) == agents, "a list comes back");
    });
    return 0;
}
