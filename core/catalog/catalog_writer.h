#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/catalog/catalog_file.h"
#include "core/catalog/path_table.h"

namespace coffer {

/// Enters in a catalogue how a snapshot differs from the one of its source that was entered last.
/// What a writer that was cut has entered may be entered again: nothing changes by it. Every few
/// thousand changes are a transaction. Used by one thread.
class CatalogWriter {
  public:
    static constexpr unsigned usualChanges = 4'096;

    /// `number` is from CatalogFile::begin; `atOnce` changes are a transaction. The file outlives
    /// it.
    CatalogWriter(CatalogFile& file, std::int64_t source, std::int64_t number,
                  unsigned atOnce = usualChanges);

    /// The entry is there, and was not or was another one before. Paths are absolute; those of more
    /// than 64 KiB are passed over.
    void put(const std::string& path, const CatalogEntry& entry);

    /// It was there before and is not now.
    void remove(const std::string& path);

    /// That was all. Without it the snapshot does not count.
    void finish();

  private:
    void end(std::int64_t path);
    void changed();

    SqlDatabase& database_;
    const std::int64_t source_;
    const std::int64_t number_;
    const unsigned atOnce_;
    PathTable paths_;
    SqlStatement newest_;
    SqlStatement close_;
    SqlStatement add_;
    std::optional<SqlTransaction> transaction_;
    unsigned changes_ = 0;  // in it
};

}  // namespace coffer
