#pragma once

#include <vector>

#include "core/base/wire.h"
#include "core/snapshot/tree_node.h"

namespace coffer {

void writeExtent(WireWriter& writer, const Extent& extent);
Extent readExtent(WireReader& reader);

void writeContent(WireWriter& writer, const Content& content);  // docs/formats/tree.md
Content readContent(WireReader& reader);

/// Sum of the lengths; Error(corrupt) when it does not fit 63 bits.
std::uint64_t totalLength(const std::vector<Extent>& extents);

}  // namespace coffer
