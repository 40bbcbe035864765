#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/unique_fd.h"

namespace coffer {

/// The names in a folder, however many: up to a limit in memory, beyond it in a temporary file,
/// parted so that the segments of the folder can be taken out one after the other.
/// Used by one thread at a time.
class NameSpool {
  public:
    /// `temporaryFolder` takes the file, which has no name there.
    explicit NameSpool(std::string temporaryFolder, std::size_t memoryLimit = 200'000);

    void add(std::string_view name);

    std::uint64_t count() const { return count_; }

    /// The names of a segment (segmentOf with these bits), sorted. Segments are asked for in
    /// ascending order; the bits are at least 5 when count() is over the memory limit.
    std::vector<std::string> segment(unsigned bits, std::uint32_t number);

  private:
    using HashedName = std::pair<std::uint32_t, std::string>;
    struct Part {
        Bytes buffer;
        std::vector<std::pair<std::uint64_t, std::uint64_t>> stretches;  // offset, length
    };
    void spill();
    void flush(Part& part);
    void put(std::string_view name);
    void loadPart(std::size_t number);

    std::string temporaryFolder_;
    std::size_t memoryLimit_;
    std::uint64_t count_ = 0;
    std::vector<HashedName> names_;  // in memory, or of the part last loaded
    bool sorted_ = false;
    std::vector<Part> parts_;  // empty while all is in memory
    UniqueFd file_;
    std::uint64_t fileSize_ = 0;
    std::size_t loaded_ = ~std::size_t{0};
};

}  // namespace coffer
