#include "management_server/database/schema_upgrade.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/service/log.h"
#include "management_server/database/server_schema.h"

namespace coffer {

namespace {

namespace fs = std::filesystem;

// The new tables, and what SQLite writes on the way.
constexpr std::uint64_t reserve = 16 << 20;

std::uint64_t sizeOf(SqlDatabase& database) {
    const auto number = [&](const char* pragma) {
        SqlStatement row = database.prepare(pragma);
        return row.step() ? static_cast<std::uint64_t>(row.integer(0)) : 0;
    };
    return number("PRAGMA page_count") * number("PRAGMA page_size");
}

// Number and path of each copy beside the database.
std::vector<std::pair<int, fs::path>> copiesOf(const std::string& path) {
    const std::string stem = fs::path(path).filename().string() + ".before-";
    std::vector<std::pair<int, fs::path>> copies;
    for (const auto& entry : fs::directory_iterator(fs::path(path).parent_path())) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(stem)) continue;
        int number = 0;
        const char* end = name.data() + name.size();
        const auto [stopped, result] = std::from_chars(name.data() + stem.size(), end, number);
        if (result == std::errc{} && stopped == end) copies.emplace_back(number, entry.path());
    }
    return copies;
}

void removeOldCopies(const std::string& path) {
    auto copies = copiesOf(path);
    std::ranges::sort(copies, std::greater<>{});
    for (std::size_t i = keptUpgradeCopies; i < copies.size(); ++i) {
        std::error_code ignored;  // one too many harms nobody
        fs::remove(copies[i].second, ignored);
    }
}

}  // namespace

void upgradeServerSchema(SqlDatabase& database, const std::string& path, std::uint64_t free) {
    const int version = serverSchemaOf(database);
    checkServerSchema(version);
    if (version > 0 && version < serverSchemaVersion) {
        const std::uint64_t needed = 2 * sizeOf(database) + reserve;
        if (free < needed) {
            throw Error(ErrorCode::noSpace,
                        "server.db has schema " + std::to_string(version) +
                            " and is to get schema " + std::to_string(serverSchemaVersion) +
                            ": that needs " + std::to_string((needed >> 20) + 1) +
                            " MiB beside it, of which a copy is made first, and there are " +
                            std::to_string(free >> 20) + " MiB. Nothing was changed");
        }
        const std::string copy = path + ".before-" + std::to_string(version + 1);
        during("copy server.db before its schema is changed", [&] { database.copyTo(copy); });
        log(LogLevel::warning, "database.upgrade",
            {{"from", std::to_string(version)},
             {"to", std::to_string(serverSchemaVersion)},
             {"copy", copy}});
        removeOldCopies(path);
    }
    migrateServerSchema(database);
}

}  // namespace coffer
