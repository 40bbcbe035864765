#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/source/restore_target.h"
#include "rescue/content_reader.h"
#include "rescue/tree_walk.h"

namespace coffer::rescue {

/// Writes what a snapshot holds into a target. A file of which something is lost is restored with
/// zeros in those places and reported; so is every other thing that cannot be restored. Memory: one
/// block, the way down to the folder, a name for each hard-linked file. Used by one thread.
class Restorer : private TreeVisitor {
  public:
    /// Keeps references.
    Restorer(ChunkSource& chunks, RestoreTarget& target, ProblemReport& report)
        : chunks_(chunks), target_(target), report_(report) {}

    /// A folder becomes the target itself, anything else an entry of it. Throws Error when the
    /// target is full.
    void restore(const Node& node);

  private:
    bool enter(const std::string& path, const Node& folder) override;
    void entry(const std::string& path, const Node& node) override;
    void leave(const std::string& path, const Node& folder) override;

    bool linkedToFirst(const std::string& path, const Node& node);
    bool restoreFile(const std::string& path, const Node& node);
    Attributes attributesOf(const std::string& path, const Node& node);
    void reportCondition(const std::string& path, const Node& node);
    void reportLines(const std::string& path, const std::vector<std::string>& lines);

    struct FirstName {
        std::string path;
        EntryType type;
        bool whole;
    };

    ChunkSource& chunks_;
    RestoreTarget& target_;
    ProblemReport& report_;
    std::map<HardLinkGroup, FirstName> firstNames_;
};

}  // namespace coffer::rescue
