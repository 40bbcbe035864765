// What runs, as repo.db has it: sessions, and what programs that share the repository tell each
// other.
#include "core/repository/ledger.h"
#include "core/repository/ledger_rows.h"

namespace coffer {

using namespace ledger_rows;

namespace {

void enter(SqlDatabase& database, ByteView id, const std::string& program, LedgerWork kind,
           ByteView value) {
    database.prepare("REPLACE INTO work VALUES(?,?,?,?)")
        .bind(1, id)
        .bind(2, bytesOf(program))
        .bind(3, static_cast<std::int64_t>(kind))
        .bind(4, value)
        .run();
}

void erase(SqlDatabase& database, ByteView id) {
    database.prepare("DELETE FROM work WHERE id=?").bind(1, id).run();
}

}  // namespace

void Ledger::beginSession(const SessionInfo& session, const std::string& program) {
    database_.with([&](SqlDatabase& database) {
        SqlTransaction transaction(database);
        database.prepare("REPLACE INTO sessions VALUES(?,?,?)")
            .bind(1, session.id.view())
            .bind(2, session.agent.view())
            .bind(3, static_cast<std::int64_t>(session.generation))
            .run();
        if (!program.empty()) {
            enter(database, session.id.view(), program, LedgerWork::session, session.id.view());
        }
        transaction.commit();
    });
}

void Ledger::endSession(const SessionId& session) {
    database_.with([&](SqlDatabase& database) {
        SqlTransaction transaction(database);
        database.prepare("DELETE FROM sessions WHERE id=?").bind(1, session.view()).run();
        erase(database, session.view());
        transaction.commit();
    });
}

std::vector<SessionInfo> Ledger::sessions() const {
    return readers_.read([](SqlDatabase& database) {
        std::vector<SessionInfo> found;
        SqlStatement rows = database.prepare("SELECT id, agent, generation FROM sessions");
        while (rows.step()) {
            found.push_back({idAt<SessionId>(rows, 0), idAt<AgentId>(rows, 1),
                             static_cast<std::uint64_t>(rows.integer(2))});
        }
        return found;
    });
}

void Ledger::noteWork(const WorkId& id, const std::string& program, LedgerWork kind,
                      ByteView value) {
    database_.with(
        [&](SqlDatabase& database) { enter(database, id.view(), program, kind, value); });
}

bool Ledger::noteAlone(const WorkId& id, const std::string& program, LedgerWork kind,
                       ByteView value) {
    return database_.with([&](SqlDatabase& database) {
        const std::uint64_t before = database.changes();
        database
            .prepare(
                "INSERT INTO work SELECT ?1,?2,?3,?4"
                " WHERE NOT EXISTS (SELECT 1 FROM work WHERE kind=?3 AND value=?4)")
            .bind(1, id.view())
            .bind(2, bytesOf(program))
            .bind(3, static_cast<std::int64_t>(kind))
            .bind(4, value)
            .run();
        return database.changes() != before;
    });
}

void Ledger::eraseWork(const WorkId& id) {
    database_.with([&](SqlDatabase& database) { erase(database, id.view()); });
}

bool Ledger::hasWork(LedgerWork kind, ByteView value) const {
    return readers_.read([&](SqlDatabase& database) {
        SqlStatement row = database.prepare("SELECT 1 FROM work WHERE kind=? AND value=? LIMIT 1");
        return row.bind(1, static_cast<std::int64_t>(kind)).bind(2, value).step();
    });
}

std::vector<Bytes> Ledger::work(LedgerWork kind) const {
    return readers_.read([&](SqlDatabase& database) {
        std::vector<Bytes> values;
        SqlStatement rows = database.prepare("SELECT value FROM work WHERE kind=?");
        rows.bind(1, static_cast<std::int64_t>(kind));
        while (rows.step()) values.push_back(toBytes(rows.blob(0)));
        return values;
    });
}

std::vector<std::string> Ledger::programs() const {
    return readers_.read([](SqlDatabase& database) {
        std::vector<std::string> names;
        SqlStatement rows = database.prepare("SELECT DISTINCT program FROM work");
        while (rows.step()) names.emplace_back(textOf(rows.blob(0)));
        return names;
    });
}

void Ledger::dropWork(const std::string& program) {
    database_.with([&](SqlDatabase& database) {
        SqlTransaction transaction(database);
        database
            .prepare(
                "DELETE FROM sessions WHERE id IN (SELECT id FROM work WHERE program=?)"
                " OR id NOT IN (SELECT id FROM work)")
            .bind(1, bytesOf(program))
            .run();
        database.prepare("DELETE FROM work WHERE program=?").bind(1, bytesOf(program)).run();
        transaction.commit();
    });
}

void Ledger::dropAllWork() {
    database_.with(
        [](SqlDatabase& database) { database.execute("DELETE FROM sessions; DELETE FROM work;"); });
}

}  // namespace coffer
