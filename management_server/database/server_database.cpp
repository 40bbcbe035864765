#include "management_server/database/server_database.h"

#include <filesystem>

#include "management_server/database/schema_upgrade.h"

namespace coffer {

ServerDatabase::ServerDatabase(const std::string& path) : database_(path, true), readers_(path) {
    const auto folder = std::filesystem::absolute(path).parent_path();
    database_.with([&](SqlDatabase& database) {
        upgradeServerSchema(database, path, std::filesystem::space(folder).available);
    });
}

}  // namespace coffer
