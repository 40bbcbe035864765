#include "core/snapshot/tree_node.h"

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] {
        const Bytes encoded = TreeNode::decode({data, size}).encode();
        require(TreeNode::decode(encoded).encode() == encoded, "a node has one form");
    });
    return 0;
}
