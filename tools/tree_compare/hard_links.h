#pragma once

#include <map>

#include "tools/tree_compare/entry.h"

namespace coffer::tree_compare {

/// Watches that names are hard links of each other in one tree exactly when they are in the other:
/// then the inodes of both trees pair up one to one.
class HardLinks {
  public:
    /// Takes in the two inodes of a name. False when one of them goes with another inode already.
    bool pair(const InodeId& a, const InodeId& b) {
        const bool fitsA = aToB_.try_emplace(a, b).first->second == b;
        const bool fitsB = bToA_.try_emplace(b, a).first->second == a;
        return fitsA && fitsB;
    }

  private:
    std::map<InodeId, InodeId> aToB_;
    std::map<InodeId, InodeId> bToA_;
};

}  // namespace coffer::tree_compare
