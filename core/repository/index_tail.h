#pragma once

#include <vector>

#include "core/repository/index_entry.h"

namespace coffer {

/// The entries that are in no segment yet, as sorted runs each at least twice as long as the next
/// (Bentley, Saxe, "Decomposable Searching Problems", 1980): few runs to search, and each entry is
/// merged a few times only. Used by one thread at a time.
class IndexTail {
  public:
    /// Adds entries that are sorted.
    void add(std::vector<IndexEntry> run);

    /// Appends the entries of this key.
    void find(const IndexKey& key, std::vector<IndexEntry>& found) const;

    std::size_t size() const { return size_; }

    /// All of them, sorted.
    std::vector<IndexEntry> sorted() const;

  private:
    std::vector<std::vector<IndexEntry>> runs_;
    std::size_t size_ = 0;
};

}  // namespace coffer
