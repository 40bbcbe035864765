#include "management_server/repositories/removal_table.h"

#include "management_server/database/columns.h"

namespace coffer {

namespace {

// Of the column `begun`; 0 when nobody has.
constexpr std::int64_t begunWithoutData = 1;
constexpr std::int64_t begunWithData = 2;

void change(SqlDatabase& database, const char* statement, const std::string& repository) {
    SqlStatement row = database.prepare(statement);
    bindText(row, 1, repository);
    row.run();
}

}  // namespace

void RemovalTable::enter(const std::string& repository, const Removal& removal) {
    SqlStatement insert = database_.prepare("INSERT INTO removals VALUES(?, ?, ?, ?, ?, 0)");
    bindText(insert, 1, repository);
    insert.bind(2, toColumn(removal.made)).bind(3, toColumn(removal.due));
    bindText(insert, 4, removal.user);
    insert.bind(5, removal.deleteData ? 1 : 0).run();
}

void RemovalTable::withdraw(const std::string& repository) {
    change(database_, "DELETE FROM removals WHERE repository=?", repository);
}

void RemovalTable::begin(const std::string& repository, bool dataGoes) {
    SqlStatement row = database_.prepare("UPDATE removals SET begun=? WHERE repository=?");
    row.bind(1, dataGoes ? begunWithData : begunWithoutData);
    bindText(row, 2, repository);
    row.run();
}

void RemovalTable::forget(const std::string& repository) {
    withdraw(repository);
    change(database_, "DELETE FROM repositories WHERE name=?", repository);
    change(database_, "REPLACE INTO repositories_gone SELECT ?, ifnull(max(number), 0) FROM runs",
           repository);
}

std::optional<Removal> RemovalTable::at(SqlStatement& row, int column) {
    const auto due = timeAt(row, column + 1);
    if (!due) return {};
    return Removal{timeAt(row, column).value_or(*due),
                   *due,
                   textAt(row, column + 2),
                   row.integer(column + 3) != 0,
                   row.integer(column + 4) != 0,
                   row.integer(column + 4) == begunWithData};
}

}  // namespace coffer
