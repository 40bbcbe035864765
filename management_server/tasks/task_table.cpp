#include "management_server/tasks/task_table.h"

#include "core/base/error.h"
#include "management_server/database/columns.h"
#include "management_server/tasks/task_text.h"

namespace coffer {

namespace {

// In the order in which recordAt() reads them.
const std::string columns =
    "name,version,definition,changed,changed_by,done,started,settled,last_runs,retries,followed,"
    "owed";

std::vector<std::int64_t> numbersIn(const std::vector<std::string>& texts) {
    std::vector<std::int64_t> numbers;
    for (const std::string& text : texts) {
        const std::uint64_t number = std::strtoull(text.c_str(), nullptr, 10);
        numbers.push_back(static_cast<std::int64_t>(number));
    }
    return numbers;
}

std::vector<std::string> textsOf(const std::vector<std::int64_t>& numbers) {
    std::vector<std::string> texts;
    for (const std::int64_t number : numbers) texts.push_back(std::to_string(number));
    return texts;
}

TaskRecord recordAt(SqlStatement& row) {
    TaskRecord task;
    task.name = textAt(row, 0);
    task.version = row.integer(1);
    try {
        task.settings = readPlainTaskText(textAt(row, 2));
    } catch (const Error& error) {
        throw Error(ErrorCode::corrupt, "server.db: task " + task.name + ": " + error.what());
    }
    task.changed = timeAt(row, 3).value_or(Timestamp{});
    task.changedBy = textAt(row, 4);
    task.stand.done = timeAt(row, 5).value_or(Timestamp{});
    task.stand.started = timeAt(row, 6);
    task.stand.settled = row.integer(7) != 0;
    task.stand.runs = numbersIn(decodeTexts(row.blob(8)));
    task.stand.retries = row.integer(9);
    task.stand.followed = row.integer(10) != 0;
    task.stand.owed = timeAt(row, 11);
    return task;
}

// From parameter `first` on.
void bindStand(SqlStatement& row, int first, const TaskStand& stand) {
    row.bind(first, toColumn(stand.done)).bind(first + 1, toColumn(stand.started));
    row.bind(first + 2, std::int64_t{stand.settled});
    row.bind(first + 3, encodeTexts(textsOf(stand.runs))).bind(first + 4, stand.retries);
    row.bind(first + 5, std::int64_t{stand.followed}).bind(first + 6, toColumn(stand.owed));
}

// In the settings that name an agent (task_rules.cpp).
bool renameIn(const std::string& key, std::string& value, const std::string& name,
              const std::string& fresh) {
    const bool isPlace = key == "source" || key == "target";
    if (isPlace && value.starts_with(name + ":")) {
        value = fresh + value.substr(name.size());
        return true;
    }
    if (key != "only-agent" || value != name) return false;
    value = fresh;
    return true;
}

}  // namespace

std::optional<TaskRecord> TaskTable::find(const std::string& name) {
    SqlStatement row = database_.prepare("SELECT " + columns + " FROM tasks WHERE name=?");
    bindText(row, 1, name);
    if (!row.step()) return {};
    return recordAt(row);
}

std::vector<TaskRecord> TaskTable::all() {
    SqlStatement rows = database_.prepare("SELECT " + columns + " FROM tasks ORDER BY name");
    std::vector<TaskRecord> tasks;
    while (rows.step()) tasks.push_back(recordAt(rows));
    return tasks;
}

std::uint64_t TaskTable::count() {
    SqlStatement row = database_.prepare("SELECT count(*) FROM tasks");
    return row.step() ? static_cast<std::uint64_t>(row.integer(0)) : 0;
}

void TaskTable::put(const TaskRecord& task) {
    SqlStatement row = database_.prepare("INSERT OR REPLACE INTO tasks(" + columns +
                                         ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?)");
    bindText(row, 1, task.name);
    row.bind(2, task.version);
    bindText(row, 3, plainTaskText(task.settings));
    row.bind(4, toColumn(task.changed));
    bindText(row, 5, task.changedBy);
    bindStand(row, 6, task.stand);
    row.run();
}

void TaskTable::erase(const std::string& name) {
    SqlStatement row = database_.prepare("DELETE FROM tasks WHERE name=?");
    bindText(row, 1, name);
    row.run();
}

std::vector<TaskRecord> TaskTable::renameAgent(const std::string& name, const std::string& fresh,
                                               const std::string& user, Timestamp now) {
    std::vector<TaskRecord> rewritten;
    for (TaskRecord& task : all()) {
        bool names = false;
        for (auto& [key, values] : task.settings) {
            for (std::string& value : values) names |= renameIn(key, value, name, fresh);
        }
        if (!names) continue;
        ++task.version;
        task.changed = now;
        task.changedBy = user;
        put(task);
        rewritten.push_back(std::move(task));
    }
    return rewritten;
}

void TaskTable::setStand(const std::string& name, const TaskStand& stand) {
    SqlStatement row = database_.prepare(
        "UPDATE tasks SET done=?,started=?,settled=?,last_runs=?,retries=?,followed=?,owed=? WHERE "
        "name=?");
    bindStand(row, 1, stand);
    bindText(row, 8, name);
    row.run();
}

}  // namespace coffer
