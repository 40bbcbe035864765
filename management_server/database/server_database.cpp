#include "management_server/database/server_database.h"

#include "management_server/database/server_schema.h"

namespace coffer {

ServerDatabase::ServerDatabase(const std::string& path) : database_(path, true) {
    database_.with([](SqlDatabase& database) { migrateServerSchema(database); });
}

}  // namespace coffer
