#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/repository/ids.h"

namespace coffer {

/// What the chunk index consists of (docs/formats/chunk-index.md): the file `catalog` of its
/// folder. A value.
struct IndexCatalog {
    struct Pack {
        PackId id;                 // zero once it was removed
        std::uint32_t chunks = 0;  // entries it has
    };
    struct Segment {
        std::uint64_t name = 0;
        std::uint64_t entries = 0;
    };

    RepositoryId repository;
    std::uint64_t epoch = 0;  // names the logs that go on from here
    std::uint64_t generation = 0;
    std::vector<Pack> packs;  // by number
    std::vector<Segment> segments;

    Bytes encode() const;

    /// Throws Error(corrupt).
    static IndexCatalog decode(ByteView data);

    static constexpr std::string_view fileName = "catalog";
    static constexpr std::uint64_t sizeLimit = 1U << 30;
    std::string logName(std::size_t number) const;
    static std::string segmentName(std::uint64_t name);
};

}  // namespace coffer
