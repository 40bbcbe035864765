#include "management_panel/cli/agent_path.h"

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer::cli {

namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw Error(ErrorCode::invalidArgument, "'" + printable(text) + "' " + why);
}

// The path in its normal form.
std::string settled(std::string_view text, std::string_view path) {
    std::string result;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        if (part.empty()) continue;
        if (part == "." || part == "..") refuse(text, "has a part that is '.' or '..'");
        result += '/';
        result += part;
    }
    return result.empty() ? "/" : result;
}

template <class Parse>
std::string complaintOf(Parse&& parse, const std::string& word) {
    try {
        parse(word);
        return {};
    } catch (const Error& error) {
        return error.what();
    }
}

}  // namespace

AgentPath agentPath(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view agent = text.substr(0, colon);
    if (colon == std::string_view::npos || agent.empty() ||
        agent.find('/') != std::string_view::npos) {
        refuse(text, "does not name an agent: AGENT:/path is wanted");
    }
    const std::string_view path = text.substr(colon + 1);
    if (!path.starts_with('/')) {
        refuse(text, "has no absolute path: AGENT:/path is wanted");
    }
    return {std::string(agent), settled(text, path)};
}

Place placeOf(std::string_view text) {
    if (text.empty()) refuse(text, "is no path");
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.find('/') < colon) return {{}, std::string(text)};
    const AgentPath place = agentPath(text);
    return {place.agent, place.path};
}

std::string checkAgentPath(std::string& word) {
    return complaintOf(agentPath, word);
}

std::string checkPlace(std::string& word) {
    return complaintOf(placeOf, word);
}

}  // namespace coffer::cli
