#include "management_server/notify/notify_state.h"

#include "management_server/database/columns.h"

namespace coffer {

std::optional<std::int64_t> readNotifyState(ServerDatabase& database, const std::string& name) {
    return database.read([&](SqlDatabase& db) -> std::optional<std::int64_t> {
        SqlStatement row = db.prepare("SELECT number FROM notify_state WHERE name=?");
        bindText(row, 1, name);
        if (!row.step()) return {};
        return row.integer(0);
    });
}

void writeNotifyState(ServerDatabase& database, const std::string& name, std::int64_t number) {
    database.change([&](SqlDatabase& db) {
        SqlStatement row = db.prepare("REPLACE INTO notify_state VALUES(?,?)");
        bindText(row, 1, name);
        row.bind(2, number).run();
    });
}

}  // namespace coffer
