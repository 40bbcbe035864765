#pragma once

#include <string>

#include "core/repository/sqlite.h"

namespace coffer {

/// Copies of one agent's snapshots alone, and rehearsals, in server.db, name it by another name
/// from now on; ended ones, too, which may be resumed. Within ServerDatabase::change.
void renameAgentInOptions(SqlDatabase& database, const std::string& name, const std::string& fresh);

}  // namespace coffer
