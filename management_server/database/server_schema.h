#pragma once

#include "core/repository/sqlite.h"

namespace coffer {

/// Number of the present schema of server.db (PRAGMA user_version).
extern const int serverSchemaVersion;

/// Number of the schema that the database has; 0 for one without tables.
int serverSchemaOf(SqlDatabase& database);

/// Throws Error(unsupported), which says what to do, for a schema that this program does not know.
void checkServerSchema(int version);

/// Makes the tables of server.db, or brings those of an older program up to date, in one
/// transaction; `upTo` a schema of before, for tests. Throws as checkServerSchema.
void migrateServerSchema(SqlDatabase& database, int upTo = serverSchemaVersion);

}  // namespace coffer
