#include "management_server/check/database_check.h"

#include <filesystem>

#include "core/base/printable.h"
#include "core/console/format.h"
#include "management_server/database/columns.h"
#include "management_server/database/server_schema.h"
#include "management_server/settings/setting_table.h"
#include "management_server/tasks/task_table.h"

namespace coffer {

namespace {

constexpr const char* subject = "database";
constexpr const char* advice = restoreAdvice;

std::string damageIn(SqlDatabase& database) {
    SqlStatement row = database.prepare("PRAGMA quick_check(1)");
    const std::string answer = row.step() ? textAt(row, 0) : "no answer";
    return answer == "ok" ? "" : answer;
}

void readFacts(SqlDatabase& database, DatabaseFacts& facts) {
    SqlStatement last = database.prepare("SELECT max(time) FROM events");
    if (last.step()) facts.lastEvent = timeAt(last, 0);
    facts.repositories = repositoriesIn(database);
    SqlStatement agent = database.prepare(
        "SELECT name, (SELECT max(expires) FROM certificates WHERE agent=agents.name), last_seen "
        "FROM agents"
        " WHERE revoked=0 ORDER BY name");
    facts.settings = valuesSetIn(database);
    while (agent.step())
        facts.agents.push_back({textAt(agent, 0), timeAt(agent, 1), timeAt(agent, 2)});
}

Finding look(const std::string& path, DatabaseFacts& facts) {
    // Opening would make one.
    if (!std::filesystem::exists(path)) {
        return {FindingLevel::error, subject, printable(path) + " is missing", advice};
    }
    SqlDatabase database(path, false);
    const int version = serverSchemaOf(database);
    try {
        checkServerSchema(version);
    } catch (const Error& error) {
        return {FindingLevel::error, subject, error.what(),
                "install the program that wrote it, or a newer one"};
    }
    const std::string damage = damageIn(database);
    if (!damage.empty()) {
        return {FindingLevel::error, subject, "it is damaged: " + printable(damage), advice};
    }
    readFacts(database, facts);
    const std::string found = sizeText(std::filesystem::file_size(path)) + ", schema " +
                              std::to_string(version) + ", every page is sound";
    if (version == serverSchemaVersion) {
        for (const TaskRecord& task : TaskTable(database).all()) {
            if (!settingsOf(task.settings, "mail").empty())
                facts.tasksWithMail.push_back(task.name);
        }
        return {FindingLevel::ok, subject, found};
    }
    return {FindingLevel::warning, subject, found,
            "the next start of the server brings it to schema " +
                std::to_string(serverSchemaVersion) + " and keeps a copy"};
}

}  // namespace

DatabaseFacts checkDatabase(const std::string& path) {
    DatabaseFacts facts;
    facts.finding = foundBy(subject, advice, [&] { return look(path, facts); });
    return facts;
}

}  // namespace coffer
