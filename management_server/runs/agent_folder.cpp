#include "management_server/runs/agent_folder.h"

#include "core/base/error.h"
#include "core/base/paths.h"
#include "core/base/printable.h"
#include "core/rpc/convert.h"

namespace coffer {

namespace {

constexpr std::size_t longestAgent = 64;
constexpr std::size_t longestFolder = 4'096;

}  // namespace

AgentFolder AgentFolder::parse(const std::string& text) {
    const std::size_t colon = text.find(':');
    if (colon == 0 || colon == std::string::npos || colon > longestAgent ||
        text.size() > longestFolder) {
        throw Error(ErrorCode::invalidArgument,
                    "'" + printable(text.substr(0, longestAgent)) + "': write AGENT:/path");
    }
    return {text.substr(0, colon), rpc::toAbsolutePath(rpc::toPath(text.substr(colon + 1)))};
}

bool AgentFolder::overlaps(const AgentFolder& other) const {
    return agent == other.agent && (isWithin(path, other.path) || isWithin(other.path, path));
}

}  // namespace coffer
