#pragma once

#include <optional>
#include <string>

#include "core/base/wire.h"
#include "core/repository/ledger.h"
#include "core/repository/sqlite.h"

namespace coffer::ledger_rows {

// The tables of repo.db and what stands in their rows. Whatever is not as the Ledger writes it is
// Error(corrupt).

/// Opens the database durably; makes the tables that are missing.
SqlDatabase open(const std::string& path);

std::optional<Bytes> readMeta(SqlDatabase& database, const std::string& name);
void writeMeta(SqlDatabase& database, const std::string& name, ByteView value);

/// A column that holds an id of fixed length.
template <class IdType>
IdType idAt(SqlStatement& row, int column) {
    WireReader reader(row.blob(column));
    const IdType id = reader.id<IdType>();
    reader.expectEnd();
    return id;
}

PackState stateAt(SqlStatement& row, int column);

/// What a query begins with whose rows packFrom reads; a condition may follow.
extern const std::string packColumns;
PackInfo packFrom(SqlStatement& row);

/// Likewise of snapshotFrom; the table is called s.
extern const std::string snapshotColumns;
SnapshotInfo snapshotFrom(SqlStatement& row);

Bytes encodeHead(const ManifestHead& head);
ManifestHead decodeHead(ByteView data);

}  // namespace coffer::ledger_rows
