#pragma once

#include "core/repository/sqlite.h"

namespace coffer {

/// Number of the present schema of server.db (PRAGMA user_version).
extern const int serverSchemaVersion;

/// Makes the tables of server.db, or brings those of an older program up to date, step by step and
/// each step whole. Throws Error(unsupported) for a newer schema.
void migrateServerSchema(SqlDatabase& database);

}  // namespace coffer
