#pragma once

#include <compare>
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

    auto operator<=>(const AgentFolder&) const = default;
};

/// How a run works on a folder, and on all below it.
struct FolderUse {
    AgentFolder folder;
    bool writes = false;

    /// Whether they cannot go on beside each other.
    bool isInTheWayOf(const FolderUse& other) const {
        return (writes || other.writes) && folder.overlaps(other.folder);
    }

    auto operator<=>(const FolderUse&) const = default;
};

}  // namespace coffer
