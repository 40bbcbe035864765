#pragma once

#include <string>

namespace coffer {

/// A folder of an agent, as runs and tasks name it: "laptop:/home/a". A value.
struct AgentFolder {
    std::string agent;
    std::string path;  // absolute and normal

    /// Throws Error(invalidArgument) for anything else.
    static AgentFolder parse(const std::string& text);

    std::string text() const { return agent + ":" + path; }

    /// Whether one of them is the other or lies in it.
    bool overlaps(const AgentFolder& other) const;

    bool operator==(const AgentFolder&) const = default;
};

}  // namespace coffer
