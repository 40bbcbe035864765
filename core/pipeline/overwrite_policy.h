#pragma once

#include <optional>
#include <string_view>

#include "core/snapshot/tree_node.h"
#include "core/source/restore_target.h"

namespace coffer {

/// What a restore does with entries that its target has already.
enum class Overwrite {
    refuse,  // each is a problem: the target was to be empty
    never,   // they stay
    older,   // they are replaced when they were modified before what is restored
    always   // they are replaced
};

/// Throws Error(invalidArgument) for a word that is none of them.
Overwrite overwriteOf(std::string_view word);

/// Decides for one restore what stays. Folders that stay, the target itself among them, keep their
/// attributes, unless everything is overwritten. Safe to share.
class OverwritePolicy {
  public:
    /// `resume`: an earlier attempt may have made some of what is there.
    OverwritePolicy(Overwrite overwrite, bool resume) : overwrite_(overwrite), resume_(resume) {}

    /// True when `found`, what is there, stays and `node` is not restored. Throws
    /// Error(alreadyExists) when one of them is a folder and the other is not, and that is not to
    /// be changed.
    bool keeps(const TreeNode& node, const std::optional<Stat>& found) const;

  private:
    const Overwrite overwrite_;
    const bool resume_;
};

}  // namespace coffer
