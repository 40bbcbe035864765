#include "management_server/rehearsals/source_proofs.h"

#include "core/base/error.h"
#include "core/snapshot/snapshot.h"
#include "management_server/database/columns.h"

namespace coffer {

namespace {

const std::string columns =
    "SELECT repository, agent, paths, snapshot, time, percent, whole, run FROM source_proofs";

std::vector<SourceProof> readAll(SqlStatement& query) {
    std::vector<SourceProof> found;
    while (query.step()) {
        SourceProof proof;
        proof.repository = textAt(query, 0);
        proof.agent = idAt<AgentId>(query, 1);
        proof.paths = decodeTexts(query.blob(2));
        proof.snapshot = idAt<SnapshotId>(query, 3);
        proof.time = timeAt(query, 4).value_or(Timestamp{});
        proof.percent = static_cast<unsigned>(query.integer(5));
        proof.whole = query.integer(6) != 0;
        proof.run = query.integer(7);
        found.push_back(std::move(proof));
    }
    return found;
}

}  // namespace

void SourceProofs::note(const SourceProof& proof) {
    database_.change([&](SqlDatabase& database) {
        SqlStatement insert =
            database.prepare("REPLACE INTO source_proofs VALUES(?,?,?,?,?,?,?,?)");
        bindText(insert, 1, proof.repository);
        insert.bind(2, proof.agent.view())
            .bind(3, encodeTexts(proof.paths))
            .bind(4, proof.snapshot.view())
            .bind(5, toColumn(proof.time))
            .bind(6, proof.percent)
            .bind(7, proof.whole ? 1 : 0)
            .bind(8, proof.run)
            .run();
    });
}

std::vector<SourceProof> SourceProofs::ofRepository(const std::string& repository) const {
    return database_.read([&](SqlDatabase& database) {
        SqlStatement query = database.prepare(columns + " WHERE repository=? ORDER BY time DESC");
        bindText(query, 1, repository);
        return readAll(query);
    });
}

std::vector<SourceProof> SourceProofs::all() const {
    return database_.read([&](SqlDatabase& database) {
        SqlStatement query = database.prepare(columns);
        return readAll(query);
    });
}

std::optional<Timestamp> SourceProofs::lastOf(const AgentId& agent) const {
    return database_.read([&](SqlDatabase& database) -> std::optional<Timestamp> {
        SqlStatement query = database.prepare(
            "SELECT time FROM source_proofs WHERE agent=? ORDER BY time DESC LIMIT 1");
        if (!query.bind(1, agent.view()).step()) return {};
        return timeAt(query, 0);
    });
}

void SourceProofs::forgetRepository(SqlDatabase& database, const std::string& repository) {
    SqlStatement drop = database.prepare("DELETE FROM source_proofs WHERE repository=?");
    bindText(drop, 1, repository);
    drop.run();
}

std::string shownProof(const SourceProof& proof) {
    std::string text = toIso8601(proof.time) + ", ";
    if (proof.percent < 100) text += std::to_string(proof.percent) + " % of ";
    if (!proof.whole) text += "parts of ";
    return text + "snapshot " + shortName(proof.snapshot);
}

}  // namespace coffer
