#include "management_server/objects/node_id.h"

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/rpc/convert.h"
#include "core/trust/certificate.h"

namespace coffer {

namespace {

void checkLength(std::size_t length) {
    if (length > longestNodePath) {
        throw Error(ErrorCode::invalidArgument,
                    "a path of " + std::to_string(length) + " octets is too long");
    }
}

}  // namespace

Bytes encodeNodeId(const SessionKey& session, const NodeId& node) {
    checkLength(node.path.size());
    WireWriter writer;
    writer.raw(session.view());
    writer.sized(node.agent);
    writer.raw(bytesOf(node.path));
    return writer.take();
}

NodeId decodeNodeId(ByteView suffix) {
    NodeId node;
    try {
        WireReader reader(suffix);
        node.agent = reader.text(longestCommonName);
        node.path = textOf(reader.raw(reader.remaining()));
    } catch (const Error&) {
        throw Error(ErrorCode::invalidArgument, "the reference leads to no object");
    }
    node.path = checkedNodePath(node.path);
    return node;
}

std::string pathBelow(const std::string& folder, const std::string& below) {
    if (below.empty()) return folder;
    checkLength(below.size());
    return checkedNodePath((folder == "/" ? folder : folder + "/") + below);
}

std::string checkedNodePath(const std::string& path) {
    checkLength(path.size());
    return rpc::toAbsolutePath(rpc::toPath(path));
}

}  // namespace coffer
