#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/repository/ids.h"
#include "core/repository/index_entry.h"
#include "core/storage/disk.h"

namespace coffer {

/// One change of the chunk index, as its log keeps it (docs/formats/chunk-index.md).
struct IndexChange {
    enum class Kind : std::uint8_t { generation = 0, add = 1, remove = 2 };

    Kind kind = Kind::generation;
    std::uint64_t generation = 0;
    PackId pack{};                      // of add and remove
    std::vector<IndexEntry> entries{};  // of add: strictly ascending keys; their `pack` is not kept

    Bytes encode() const;

    /// Throws Error(corrupt).
    static IndexChange decode(ByteView data);
};

/// A log being written: what a process has changed since the catalog, or the log before, was
/// written. Octets reach the file with every change but are never synchronised: what a power loss
/// takes is the end of the log, and the index is older then. Used by one thread.
class IndexLogWriter {
  public:
    /// `before`: how many octets of the log before this one count; 0 for the first.
    IndexLogWriter(std::unique_ptr<DiskWriter> file, std::uint64_t before);

    /// After an error the end of the file is unknown; nothing may be appended any more.
    void append(const IndexChange& change);

    std::uint64_t size() const { return size_; }

  private:
    std::unique_ptr<DiskWriter> file_;
    std::uint64_t size_ = 0;
};

/// How many octets of the log before it a log says to count; nothing when its head does not check.
std::optional<std::uint64_t> readLogHead(DiskReader& file);

/// Hands on the changes of a log up to octet `end`, or to the first that is not whole or does not
/// check. Gives the octet up to which it went.
std::uint64_t readLog(DiskReader& file, std::uint64_t end,
                      const std::function<void(IndexChange change)>& each);

}  // namespace coffer
