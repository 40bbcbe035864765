#pragma once

#include <cstddef>
#include <string>

#include "core/base/bytes.h"
#include "management_server/access/session_table.h"

namespace coffer {

/// What an object of an agent's tree is called by: everything that is known of it.
struct NodeId {
    std::string agent;
    std::string path;  // absolute, "/" for the root

    bool operator==(const NodeId&) const = default;
};

/// The longest path that an object can have, in octets: every call carries its object's id.
constexpr std::size_t longestNodePath = 64 << 10;

/// The object id: the session's key and the node behind it. Throws Error(invalidArgument) when the
/// path is too long.
Bytes encodeNodeId(const SessionKey& session, const NodeId& node);

/// Of what stands behind the session's key. Clients can make ids up: throws Error(invalidArgument)
/// for what does not parse or has a path that is not absolute and normal.
NodeId decodeNodeId(ByteView suffix);

/// The path of something below a folder: a name, or several with '/' between; the folder's own when
/// `below` is empty. Throws Error(invalidArgument) unless all of its parts are names.
std::string pathBelow(const std::string& folder, const std::string& below);

/// An absolute path from outside. Throws Error(invalidArgument).
std::string checkedNodePath(const std::string& path);

}  // namespace coffer
