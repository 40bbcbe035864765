#include "core/snapshot/tree.h"

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

// Written anew a tree has one form; its nodes may have had another one in the input.
static Bytes encodeTree(const TreeContent& content) {
    if (const auto* segmented = std::get_if<SegmentedTree>(&content)) {
        return encodeSegmented(*segmented);
    }
    const auto& entries = std::get<TreeEntries>(content);
    TreeEncoder encoder(entries.isSegment);
    for (const TreeNode& node : entries.nodes) encoder.add(node.encode());
    return encoder.finish();
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] {
        const TreeContent content = decodeTree({data, size});
        const Bytes encoded = encodeTree(content);
        require(encodeTree(decodeTree(encoded)) == encoded, "a tree has one form");
        require(std::holds_alternative<TreeEntries>(content) || toBytes({data, size}) == encoded,
                "a list of segments has one form");
    });
    return 0;
}
