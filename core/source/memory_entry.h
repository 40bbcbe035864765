#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/source/attributes.h"

namespace coffer {

/// What a MemorySource knows of an inode; a test may change all of it at any time.
struct MemoryEntry {
    Stat stat;  // name unused; size of a file is its length, whatever stretches it has
    Details details;
    std::map<std::uint64_t, Bytes> content;  // stretches of data by offset; holes between them

    // What goes wrong, if anything.
    std::optional<Error> statError;
    std::optional<Error> openError;
    std::optional<Error> listError;
    std::optional<Error> detailsError;
    std::optional<std::uint64_t> readErrorAt;  // reading the octet here is an I/O error
    bool vanishesAfterList = false;            // still listed, but no longer there

    /// Called after each readAt() of the file with the offset behind what was read.
    std::function<void(MemoryEntry& self, std::uint64_t readUpTo)> afterRead;

    /// Makes `data` the whole content of a file, without holes.
    void setContent(ByteView data);
};

}  // namespace coffer
