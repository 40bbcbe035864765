#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace coffer::cli {

/// A place at an agent as it stands on the command line: AGENT:/path.
struct AgentPath {
    std::string agent;
    std::string path;  // absolute, without empty parts

    bool operator==(const AgentPath&) const = default;
    std::string text() const { return agent + ":" + path; }
};

/// Cuts at the first colon; slashes too many are passed over. Throws Error(invalidArgument) for a
/// missing or impossible agent, a path that is not absolute, and parts "." and "..".
AgentPath agentPath(std::string_view text);

/// A place for cp: at an agent, or on this machine.
struct Place {
    std::optional<std::string> agent;  // nothing: this machine
    std::string path;
};

/// A word with a colon before its first slash names an agent ("./a:b" does not). Throws as
/// agentPath, and for an empty word.
Place placeOf(std::string_view text);

// Checks for words on the command line: the text that says what is wrong, or nothing.
std::string checkAgentPath(std::string& word);
std::string checkPlace(std::string& word);

}  // namespace coffer::cli
