#pragma once

#include <functional>
#include <string>

#include "core/storage/disk.h"

namespace coffer {

/// Reads up to `atMost` octets from `offset`, block by block; gives how many there were.
std::uint64_t readBlocks(DiskReader& reader, std::uint64_t offset, std::uint64_t atMost,
                         const std::function<void(ByteView)>& each);

/// A stretch of a file, shorter where that ends.
Bytes stretchOf(Disk& disk, const std::string& path, std::uint64_t offset, std::size_t atMost);

}  // namespace coffer
