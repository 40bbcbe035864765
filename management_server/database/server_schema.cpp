#include "management_server/database/server_schema.h"

#include <array>

#include "core/base/error.h"

namespace coffer {

namespace {

// Each step leads from the version of its place to the next and is never changed once released.
// Texts and names are blobs, times nanoseconds since 1970 with 0 for none (columns.h).
constexpr std::array steps = {
    // Users, and the agents with what they prove themselves with.
    "CREATE TABLE users(name BLOB PRIMARY KEY, password BLOB NOT NULL,"
    " must_change INTEGER NOT NULL, made INTEGER NOT NULL, changed INTEGER NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE agents(name BLOB PRIMARY KEY, id BLOB NOT NULL UNIQUE, verify_key BLOB NOT NULL,"
    " enrolled INTEGER NOT NULL, revoked INTEGER NOT NULL, last_seen INTEGER NOT NULL,"
    " facts BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE certificates(fingerprint BLOB PRIMARY KEY, agent BLOB NOT NULL,"
    " serial BLOB NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX certificates_by_agent ON certificates(agent);"
    "CREATE TABLE tokens(hash BLOB PRIMARY KEY, agent BLOB NOT NULL, user BLOB NOT NULL,"
    " made INTEGER NOT NULL, expires INTEGER NOT NULL, used INTEGER NOT NULL,"
    " request BLOB NOT NULL, certificate BLOB NOT NULL) WITHOUT ROWID;"
    // Runs.
    "CREATE TABLE runs(number INTEGER PRIMARY KEY AUTOINCREMENT, kind BLOB NOT NULL,"
    " agent BLOB NOT NULL, repository BLOB NOT NULL, state BLOB NOT NULL, phase BLOB NOT NULL,"
    " message BLOB NOT NULL, ordered INTEGER NOT NULL, started INTEGER NOT NULL,"
    " ended INTEGER NOT NULL, attempt INTEGER NOT NULL, user BLOB NOT NULL,"
    " snapshot BLOB NOT NULL, what BLOB NOT NULL, target BLOB NOT NULL, patterns BLOB NOT NULL,"
    " options BLOB NOT NULL, counts BLOB NOT NULL, problems INTEGER NOT NULL,"
    " result_taken INTEGER NOT NULL);"
    "CREATE INDEX runs_by_state ON runs(state);"
    "CREATE INDEX runs_by_agent ON runs(agent, number);"
    "CREATE TABLE run_problems(run INTEGER NOT NULL, position INTEGER NOT NULL,"
    " path BLOB NOT NULL, code BLOB NOT NULL, message BLOB NOT NULL, PRIMARY KEY(run, position))"
    " WITHOUT ROWID;"
    // What happened, and where repositories are.
    "CREATE TABLE events(number INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL,"
    " kind BLOB NOT NULL, subject BLOB NOT NULL, text BLOB NOT NULL, more BLOB NOT NULL);"
    "CREATE TABLE repositories(name BLOB PRIMARY KEY, folder BLOB NOT NULL) WITHOUT ROWID;",
    // When sources were last rehearsed.
    "CREATE TABLE source_proofs(repository BLOB NOT NULL, agent BLOB NOT NULL,"
    " paths BLOB NOT NULL, snapshot BLOB NOT NULL, time INTEGER NOT NULL,"
    " percent INTEGER NOT NULL, whole INTEGER NOT NULL, run INTEGER NOT NULL,"
    " PRIMARY KEY(repository, agent, paths)) WITHOUT ROWID;"
    "CREATE INDEX source_proofs_by_agent ON source_proofs(agent, time);",
    // Who may do what. Users of before could do everything, and still can.
    "ALTER TABLE users ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE user_groups(name BLOB PRIMARY KEY) WITHOUT ROWID;"
    "CREATE TABLE group_members(team BLOB NOT NULL, user BLOB NOT NULL, PRIMARY KEY(team, user))"
    " WITHOUT ROWID;"
    "CREATE TABLE grants(number INTEGER PRIMARY KEY AUTOINCREMENT, holder BLOB NOT NULL,"
    " content BLOB NOT NULL);"
    "WITH roles(word) AS (VALUES('viewer'), ('operator'), ('administrator'), ('deleter'),"
    " ('auditor')) INSERT INTO grants(holder, content)"
    " SELECT CAST('user:' || CAST(name AS TEXT) AS BLOB),"
    " CAST(char(1) || char(length(word)) || word || x'0000' AS BLOB) FROM users, roles;"
    "CREATE TABLE second_factors(user BLOB PRIMARY KEY, secret BLOB NOT NULL,"
    " confirmed INTEGER NOT NULL, used_step INTEGER NOT NULL, recovery BLOB NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE api_tokens(id BLOB PRIMARY KEY, hash BLOB NOT NULL UNIQUE, user BLOB NOT NULL,"
    " title BLOB NOT NULL, made INTEGER NOT NULL, expires INTEGER NOT NULL,"
    " used INTEGER NOT NULL, grants BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX api_tokens_by_user ON api_tokens(user);"
    "CREATE TABLE audit(number INTEGER PRIMARY KEY, record BLOB NOT NULL, hash BLOB NOT NULL);"
    "CREATE TABLE requests(number INTEGER PRIMARY KEY AUTOINCREMENT, action BLOB NOT NULL,"
    " subject BLOB NOT NULL, user BLOB NOT NULL, made INTEGER NOT NULL, expires INTEGER NOT NULL,"
    " parameters BLOB NOT NULL, state BLOB NOT NULL, decider BLOB NOT NULL,"
    " decided INTEGER NOT NULL, message BLOB NOT NULL);"
    "ALTER TABLE agents ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE agents ADD COLUMN labels BLOB NOT NULL DEFAULT x'00';",
    // Tasks, and which runs are theirs.
    "CREATE TABLE tasks(name BLOB PRIMARY KEY, version INTEGER NOT NULL,"
    " definition BLOB NOT NULL, changed INTEGER NOT NULL, changed_by BLOB NOT NULL,"
    " done INTEGER NOT NULL, started INTEGER NOT NULL, settled INTEGER NOT NULL,"
    " last_runs BLOB NOT NULL) WITHOUT ROWID;"
    "ALTER TABLE runs ADD COLUMN task BLOB NOT NULL DEFAULT x'';",
    // How sources are, what is known of that, who reads the events, and the logs of runs.
    "CREATE TABLE sources(repository BLOB NOT NULL, agent BLOB NOT NULL, paths BLOB NOT NULL,"
    " first_success INTEGER NOT NULL, last_success INTEGER NOT NULL, success_run INTEGER NOT NULL,"
    " one_file_system INTEGER NOT NULL, last_failure INTEGER NOT NULL,"
    " failure_run INTEGER NOT NULL, failure BLOB NOT NULL, state BLOB NOT NULL,"
    " since INTEGER NOT NULL, PRIMARY KEY(repository, agent, paths)) WITHOUT ROWID;"
    "CREATE TABLE acknowledgements(source BLOB PRIMARY KEY, state BLOB NOT NULL,"
    " reason BLOB NOT NULL, user BLOB NOT NULL, made INTEGER NOT NULL, until INTEGER NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE notify_state(name BLOB PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE event_leases(name BLOB PRIMARY KEY, user BLOB NOT NULL,"
    " position INTEGER NOT NULL, used INTEGER NOT NULL, hold INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE run_log(number INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL,"
    " time INTEGER NOT NULL, level INTEGER NOT NULL, code BLOB NOT NULL, object BLOB NOT NULL,"
    " message BLOB NOT NULL);"
    "CREATE INDEX run_log_by_run ON run_log(run, number);",
    // How often the last start of a task has been tried again.
    "ALTER TABLE tasks ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;",
    // When runs begin, and why they are held.
    "ALTER TABLE runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN run_window BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE runs ADD COLUMN zone BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE runs ADD COLUMN hold BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE runs ADD COLUMN held_at INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN held_seconds INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN server_losses INTEGER NOT NULL DEFAULT 0;",
    // From which number on the server's backups in a repository are of this server.
    "CREATE TABLE self_backups(repository BLOB PRIMARY KEY, first INTEGER NOT NULL) WITHOUT ROWID;",
    // Which runs an agent has not ended: asked for each agent of a task that starts.
    "CREATE INDEX runs_active ON runs(agent, task) WHERE"
    " state IN(CAST('waiting' AS BLOB),CAST('queued' AS BLOB),CAST('running' AS BLOB),"
    "CAST('parked' AS BLOB));",
    // The last update that was ordered for each agent.
    "CREATE TABLE agent_updates(agent BLOB PRIMARY KEY, version BLOB NOT NULL,"
    " state INTEGER NOT NULL, message BLOB NOT NULL, user BLOB NOT NULL,"
    " at_once INTEGER NOT NULL, changed INTEGER NOT NULL) WITHOUT ROWID;",
    // Settings that administrators have set at run time, and the changes that led there.
    "CREATE TABLE settings(name BLOB PRIMARY KEY, value BLOB NOT NULL, is_set INTEGER NOT NULL,"
    " version INTEGER NOT NULL, changed INTEGER NOT NULL, changed_by BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE setting_changes(number INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL,"
    " user BLOB NOT NULL, name BLOB NOT NULL, before BLOB NOT NULL, after BLOB NOT NULL,"
    " origin BLOB NOT NULL);"
    "CREATE INDEX setting_changes_by_name ON setting_changes(name, number);",
    // Repositories that are to go, and up to which number runs are of one that is gone.
    "CREATE TABLE removals(repository BLOB PRIMARY KEY, made INTEGER NOT NULL,"
    " due INTEGER NOT NULL, user BLOB NOT NULL, delete_data INTEGER NOT NULL,"
    " begun INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE repositories_gone(name BLOB PRIMARY KEY, last_run INTEGER NOT NULL)"
    " WITHOUT ROWID;",
    // Backups that have committed and are being verified: since when, and how they end if sound.
    "ALTER TABLE runs ADD COLUMN committed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN done BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE tasks ADD COLUMN followed INTEGER NOT NULL DEFAULT 0;",
    // Since when a task is to follow another one, and there is no room.
    "ALTER TABLE tasks ADD COLUMN owed INTEGER NOT NULL DEFAULT 0;",
    // Up to which run nothing counts for a source, for somebody has dropped it.
    "ALTER TABLE sources ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;",
    // How far a repository was before the first attempt of a backup.
    "ALTER TABLE runs ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;",
};

}  // namespace

const int serverSchemaVersion = static_cast<int>(steps.size());

int serverSchemaOf(SqlDatabase& database) {
    SqlStatement read = database.prepare("PRAGMA user_version");
    return read.step() ? static_cast<int>(read.integer(0)) : 0;
}

void checkServerSchema(int version) {
    if (version >= 0 && version <= serverSchemaVersion) return;
    throw Error(ErrorCode::unsupported,
                "server.db has schema " + std::to_string(version) + ", this program knows up to " +
                    std::to_string(serverSchemaVersion) +
                    ": use the program that wrote it, or a newer one. A copy of before that one "
                    "changed it may be in server.db.before-" +
                    std::to_string(serverSchemaVersion + 1) + " beside it");
}

void migrateServerSchema(SqlDatabase& database, int upTo) {
    // Asked for within the transaction: of two programs that begin at once, one waits.
    SqlTransaction transaction(database);
    const int version = serverSchemaOf(database);
    checkServerSchema(version);
    for (int step = version; step < upTo; ++step) {
        database.execute(steps.at(static_cast<std::size_t>(step)));
    }
    if (version < upTo) database.execute("PRAGMA user_version=" + std::to_string(upTo));
    transaction.commit();
}

}  // namespace coffer
