#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "core/agent/object_tree.h"

namespace coffer {

/// A list of entries in pages that fit into a message. Used by one thread at a time.
class PagedEntries {
  public:
    static constexpr std::size_t longestPage = 10'000;                // entries
    static constexpr std::size_t largestPage = std::size_t{4} << 20;  // octets, about

    struct Page {
        std::vector<ObjectEntry> entries;
        bool more = false;  // there are further ones after them
    };

    explicit PagedEntries(std::unique_ptr<EntryCursor> cursor) : cursor_(std::move(cursor)) {}

    /// At least one of the entries that are left, if any, and at most `atMost` of them. Throws
    /// Error(invalidArgument) unless `atMost` is 1 to longestPage.
    Page next(std::size_t atMost);

  private:
    std::unique_ptr<EntryCursor> cursor_;
    std::optional<ObjectEntry> ahead_;
};

}  // namespace coffer
