#include "management_server/settings/setting_table.h"

#include <limits>

#include "management_server/database/columns.h"
#include "management_server/settings/settled_settings.h"

namespace coffer {

SettingsMade SettingTable::all() {
    SettingsMade all;
    SqlStatement row =
        database_.prepare("SELECT name, value, is_set, version, changed, changed_by FROM settings");
    while (row.step()) {
        all[textAt(row, 0)] = {textAt(row, 1), row.integer(2) != 0, row.integer(3),
                               timeAt(row, 4).value_or(Timestamp{}), textAt(row, 5)};
    }
    return all;
}

std::int64_t SettingTable::enter(const SettingEdit& edit) {
    const std::int64_t now = toColumn(edit.time);
    SqlStatement change = database_.prepare(
        "INSERT INTO setting_changes(time, user, name, before, after, origin)"
        " VALUES(?, ?, ?, ?, ?, ?)");
    change.bind(1, now);
    bindText(change, 2, edit.user);
    bindText(change, 3, edit.name);
    bindText(change, 4, edit.before);
    bindText(change, 5, edit.after);
    bindText(change, 6, edit.origin);
    change.run();
    SqlStatement last = database_.prepare("SELECT last_insert_rowid()");
    last.step();
    const std::int64_t number = last.integer(0);

    const bool isSet = edit.origin == settingsPanel;
    SqlStatement row =
        database_.prepare("INSERT OR REPLACE INTO settings VALUES(?, ?, ?, ?, ?, ?)");
    bindText(row, 1, edit.name);
    bindText(row, 2, isSet ? edit.after : std::string());
    row.bind(3, isSet ? 1 : 0).bind(4, number).bind(5, now);
    bindText(row, 6, edit.user);
    row.run();

    SqlStatement old = database_.prepare("DELETE FROM setting_changes WHERE number<=?");
    old.bind(1, number - static_cast<std::int64_t>(keptSettingChanges)).run();
    return number;
}

std::vector<SettingEdit> SettingTable::history(const std::string& name, std::int64_t before,
                                               std::uint32_t atMost) {
    std::vector<SettingEdit> edits;
    SqlStatement row = database_.prepare(
        "SELECT number, time, user, name, before, after, origin FROM setting_changes"
        " WHERE number<? AND (length(?2)=0 OR name=?2) ORDER BY number DESC LIMIT ?3");
    row.bind(1, before == 0 ? std::numeric_limits<std::int64_t>::max() : before);
    bindText(row, 2, name);
    row.bind(3, std::int64_t{atMost});
    while (row.step()) {
        edits.push_back({row.integer(0), timeAt(row, 1).value_or(Timestamp{}), textAt(row, 2),
                         textAt(row, 3), textAt(row, 4), textAt(row, 5), textAt(row, 6)});
    }
    return edits;
}

std::map<std::string, std::string> valuesSetIn(SqlDatabase& database) {
    SqlStatement there =
        database.prepare("SELECT 1 FROM sqlite_master WHERE type='table' AND name='settings'");
    return there.step() ? valuesOf(SettingTable(database).all())
                        : std::map<std::string, std::string>();
}

std::map<std::string, std::string> valuesOf(const SettingsMade& made) {
    std::map<std::string, std::string> values;
    for (const auto& [name, each] : made) {
        if (each.isSet) values[name] = each.value;
    }
    return values;
}

}  // namespace coffer
