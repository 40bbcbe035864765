#include "core/update/file_blocks.h"

#include <algorithm>
#include <array>
#include <span>

namespace coffer {

std::uint64_t readBlocks(DiskReader& reader, std::uint64_t offset, std::uint64_t atMost,
                         const std::function<void(ByteView)>& each) {
    std::array<std::uint8_t, 1 << 16> block{};
    std::uint64_t done = 0;
    while (done < atMost) {
        const auto wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), atMost - done));
        const std::size_t count = reader.read(offset + done, std::span(block).first(wanted));
        if (count == 0) break;
        each({block.data(), count});
        done += count;
    }
    return done;
}

Bytes stretchOf(Disk& disk, const std::string& path, std::uint64_t offset, std::size_t atMost) {
    Bytes octets(atMost);
    octets.resize(disk.open(path)->read(offset, octets));
    return octets;
}

}  // namespace coffer
