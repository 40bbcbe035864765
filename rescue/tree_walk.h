#pragma once

#include <string>

#include "rescue/problem_report.h"
#include "rescue/tree_reader.h"

namespace coffer::rescue {

/// What is done with the entries of a tree. Paths are relative, '/' between parts, "" for the
/// folder the walk began with.
class TreeVisitor {
  public:
    virtual ~TreeVisitor() = default;

    /// A folder, before what is in it; false leaves out what is in it, and leave().
    virtual bool enter(const std::string& path, const Node& folder) = 0;

    /// Anything that is no folder.
    virtual void entry(const std::string& path, const Node& node) = 0;

    /// A folder, after what is in it.
    virtual void leave(const std::string& path, const Node& folder) = 0;
};

/// Goes through a folder and all below it, to any depth. Folders that cannot be read are reported
/// and left as if they were empty. Memory: the nodes of the folders on the way down, and a bounded
/// number of octets of their trees.
void walkTree(ChunkSource& chunks, const Node& folder, TreeVisitor& visitor, ProblemReport& report);

}  // namespace coffer::rescue
