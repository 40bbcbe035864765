#include "core/catalog/catalog_writer.h"

#include <algorithm>
#include <limits>

#include "core/base/error.h"

namespace coffer {

namespace {

std::int64_t toColumn(std::uint64_t size) {
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min(size, most));
}

}  // namespace

CatalogWriter::CatalogWriter(CatalogFile& file, std::int64_t source, std::int64_t number,
                             unsigned atOnce)
    : database_(file.database()),
      source_(source),
      number_(number),
      atOnce_(atOnce),
      paths_(database_),
      newest_(database_.prepare("SELECT first, last FROM versions WHERE path = ? AND source = ? "
                                "ORDER BY first DESC LIMIT 1")),
      close_(database_.prepare(
          "UPDATE versions SET last = ? WHERE path = ? AND source = ? AND first = ?")),
      add_(database_.prepare("INSERT OR REPLACE INTO versions VALUES(?, ?, ?, 0, ?, ?, ?, ?)")) {}

void CatalogWriter::put(const std::string& path, const CatalogEntry& entry) {
    if (path.size() > PathTable::longestPath) return;
    if (!transaction_) transaction_.emplace(database_);
    const auto [id, isNew] = paths_.make(path);
    if (!isNew) end(id);
    add_.bind(1, id)
        .bind(2, source_)
        .bind(3, number_)
        .bind(4, static_cast<std::int64_t>(entry.type))
        .bind(5, toColumn(entry.size))
        .bind(6, entry.modified.seconds)
        .bind(7, std::int64_t{entry.modified.nanoseconds})
        .run();
    changed();
}

void CatalogWriter::remove(const std::string& path) {
    if (path.size() > PathTable::longestPath) return;
    const std::optional<std::int64_t> id = paths_.find(path);
    if (!id) return;
    if (!transaction_) transaction_.emplace(database_);
    end(*id);
    changed();
}

// The state before, unless it ended earlier; not one that this snapshot began.
void CatalogWriter::end(std::int64_t path) {
    std::int64_t first = number_;
    if (newest_.bind(1, path).bind(2, source_).step() && newest_.integer(1) == 0) {
        first = newest_.integer(0);
    }
    newest_.reset();
    if (first >= number_) return;
    close_.bind(1, number_ - 1).bind(2, path).bind(3, source_).bind(4, first).run();
}

void CatalogWriter::changed() {
    if (++changes_ < atOnce_) return;
    transaction_->commit();
    transaction_.reset();
    changes_ = 0;
}

void CatalogWriter::finish() {
    if (!transaction_) transaction_.emplace(database_);
    database_.prepare("UPDATE snapshots SET whole = 1 WHERE source = ? AND number = ?")
        .bind(1, source_)
        .bind(2, number_)
        .run();
    transaction_->commit();
    transaction_.reset();
    changes_ = 0;
}

}  // namespace coffer
