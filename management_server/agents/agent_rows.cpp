#include "management_server/agents/agent_rows.h"

#include "management_server/database/columns.h"

namespace coffer {

namespace {

constexpr std::int64_t mostCertificates = 16;
constexpr const char* columns =
    "SELECT name, id, verify_key, enrolled, revoked, last_seen, facts, suspended, labels,"
    " (SELECT MAX(expires) FROM certificates WHERE agent=name) FROM agents";

AgentRecord agentAt(SqlStatement& row) {
    AgentRecord agent;
    agent.name = textAt(row, 0);
    agent.id = idAt<AgentId>(row, 1);
    agent.verifyKey = idAt<VerifyKey>(row, 2);
    agent.enrolled = timeAt(row, 3).value_or(Timestamp{});
    agent.revoked = timeAt(row, 4);
    agent.lastSeen = timeAt(row, 5);
    agent.facts = decodeMap(row.blob(6));
    agent.suspended = row.integer(7) != 0;
    agent.labels = decodeMap(row.blob(8));
    agent.certificateEnds = timeAt(row, 9);
    return agent;
}

void removeByName(SqlDatabase& database, const std::string& sql, const std::string& name) {
    SqlStatement statement = database.prepare(sql);
    bindText(statement, 1, name);
    statement.run();
}

}  // namespace

std::optional<AgentRecord> readAgent(SqlDatabase& database, const std::string& name) {
    SqlStatement row = database.prepare(std::string(columns) + " WHERE name=?");
    bindText(row, 1, name);
    if (!row.step()) return {};
    return agentAt(row);
}

std::vector<AgentRecord> readAgents(SqlDatabase& database) {
    std::vector<AgentRecord> agents;
    SqlStatement row = database.prepare(std::string(columns) + " ORDER BY name");
    while (row.step()) agents.push_back(agentAt(row));
    return agents;
}

std::optional<std::string> agentOfId(SqlDatabase& database, const AgentId& id) {
    SqlStatement row = database.prepare("SELECT name FROM agents WHERE id=?");
    row.bind(1, id.view());
    if (!row.step()) return {};
    return textAt(row, 0);
}

void writeAgent(SqlDatabase& database, const AgentRecord& agent) {
    removeByName(database, "DELETE FROM agents WHERE name=?", agent.name);
    SqlStatement row = database.prepare(
        "INSERT INTO agents(name, id, verify_key, enrolled, revoked, last_seen, facts)"
        " VALUES(?, ?, ?, ?, ?, ?, ?)");
    bindText(row, 1, agent.name);
    row.bind(2, agent.id.view()).bind(3, agent.verifyKey.view());
    row.bind(4, toColumn(agent.enrolled)).bind(5, toColumn(agent.revoked));
    row.bind(6, toColumn(agent.lastSeen)).bind(7, encodeMap(agent.facts));
    row.run();
}

void writeFacts(SqlDatabase& database, const std::string& name, const rpc::SettingMap& facts) {
    SqlStatement row = database.prepare("UPDATE agents SET facts=? WHERE name=?");
    row.bind(1, encodeMap(facts));
    bindText(row, 2, name);
    row.run();
}

void writeLastSeen(SqlDatabase& database, const std::string& name, Timestamp time) {
    SqlStatement row = database.prepare("UPDATE agents SET last_seen=? WHERE name=?");
    row.bind(1, toColumn(time));
    bindText(row, 2, name);
    row.run();
}

void writeSuspended(SqlDatabase& database, const std::string& name, bool suspended) {
    SqlStatement row = database.prepare("UPDATE agents SET suspended=? WHERE name=?");
    row.bind(1, suspended ? 1 : 0);
    bindText(row, 2, name);
    row.run();
}

void writeLabels(SqlDatabase& database, const std::string& name, const rpc::SettingMap& labels) {
    SqlStatement row = database.prepare("UPDATE agents SET labels=? WHERE name=?");
    row.bind(1, encodeMap(labels));
    bindText(row, 2, name);
    row.run();
}

void writeRevoked(SqlDatabase& database, const std::string& name, Timestamp time) {
    if (!readAgent(database, name)) throw Error(ErrorCode::notFound, "there is no such agent");
    SqlStatement row = database.prepare("UPDATE agents SET revoked=? WHERE name=? AND revoked=0");
    row.bind(1, toColumn(time));
    bindText(row, 2, name);
    row.run();
    removeByName(database, "DELETE FROM certificates WHERE agent=?", name);
}

void writeCertificate(SqlDatabase& database, const std::string& agent,
                      const CertificateFacts& certificate) {
    SqlStatement row = database.prepare("INSERT INTO certificates VALUES(?, ?, ?, ?)");
    bindText(row, 1, certificate.fingerprint);
    bindText(row, 2, agent);
    bindText(row, 3, certificate.serial);
    row.bind(4, toColumn(certificate.notAfter));
    row.run();
    SqlStatement surplus = database.prepare(
        "DELETE FROM certificates WHERE fingerprint IN (SELECT fingerprint FROM certificates"
        " WHERE agent=? AND fingerprint<>? ORDER BY expires DESC, fingerprint LIMIT -1 OFFSET ?)");
    bindText(surplus, 1, agent);
    // Not the newest: others end later when the clock was ahead.
    bindText(surplus, 2, certificate.fingerprint);
    surplus.bind(3, mostCertificates - 1).run();
}

void renameAgent(SqlDatabase& database, const std::string& name, const std::string& fresh) {
    const auto agent = readAgent(database, name);
    if (!agent) throw Error(ErrorCode::notFound, "there is no such agent");
    if (agent->revoked) throw Error(ErrorCode::conflict, "the agent is revoked");
    if (readAgent(database, fresh)) {
        throw Error(ErrorCode::alreadyExists, "another agent has, or had, that name");
    }
    SqlStatement waiting = database.prepare("SELECT 1 FROM tokens WHERE agent=? AND used=0");
    bindText(waiting, 1, fresh);
    if (waiting.step()) {
        throw Error(ErrorCode::alreadyExists, "a token waits for an agent of that name");
    }
    for (const char* sql :
         {"UPDATE agents SET name=? WHERE name=?", "UPDATE certificates SET agent=? WHERE agent=?",
          "UPDATE tokens SET agent=? WHERE agent=?"}) {
        SqlStatement row = database.prepare(sql);
        bindText(row, 1, fresh);
        bindText(row, 2, name);
        row.run();
    }
}

std::vector<std::string> fingerprintsOf(SqlDatabase& database, const std::string& agent) {
    std::vector<std::string> fingerprints;
    SqlStatement row = database.prepare(
        "SELECT fingerprint FROM certificates WHERE agent=?"
        " AND NOT EXISTS(SELECT 1 FROM agents WHERE name=agent AND suspended<>0)");
    bindText(row, 1, agent);
    while (row.step()) fingerprints.push_back(textAt(row, 0));
    return fingerprints;
}

std::vector<std::string> dropEndedCertificates(SqlDatabase& database, Timestamp now) {
    std::vector<std::string> agents;
    SqlStatement row = database.prepare("SELECT DISTINCT agent FROM certificates WHERE expires<=?");
    row.bind(1, toColumn(now));
    while (row.step()) agents.push_back(textAt(row, 0));
    if (agents.empty()) return agents;
    SqlStatement drop = database.prepare("DELETE FROM certificates WHERE expires<=?");
    drop.bind(1, toColumn(now)).run();
    return agents;
}

}  // namespace coffer
