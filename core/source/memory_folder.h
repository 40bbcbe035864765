#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "core/base/guarded.h"
#include "core/source/data_source.h"
#include "core/source/memory_entry.h"

namespace coffer {

/// An inode of a MemorySource. Reached only under the lock of its tree.
struct MemoryNode {
    MemoryEntry entry;
    std::map<std::string, std::shared_ptr<MemoryNode>> children;  // of a folder
};

using MemoryNodePtr = std::shared_ptr<MemoryNode>;

struct MemoryTree {
    MemoryNodePtr root = std::make_shared<MemoryNode>();
    std::uint64_t lastInode = 0;
    std::uint64_t filesOpened = 0;
};

/// A view of one folder of the tree. Used by one thread; the tree is shared.
std::unique_ptr<Folder> openMemoryFolder(std::shared_ptr<Guarded<MemoryTree>> tree,
                                         MemoryNodePtr folder);

/// Throws Error(invalidArgument) unless `name` is one path part.
void checkMemoryName(const std::string& name);

}  // namespace coffer
