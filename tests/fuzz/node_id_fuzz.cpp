#include "management_server/objects/node_id.h"

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] {
        const NodeId node = decodeNodeId({data, size});
        require(node.path.starts_with('/'), "a path is absolute");
        const Bytes id = encodeNodeId({}, node);
        require(decodeNodeId(ByteView(id).subspan(sizeof(SessionKey::bytes))) == node,
                "an id comes back");
    });
    // The same as a name that a client asks a folder for.
    mayRefuse([&] {
        const std::string below(textOf({data, size}));
        require(pathBelow("/folder", below).starts_with("/folder"),
                "nothing leads out of a folder");
    });
    return 0;
}
