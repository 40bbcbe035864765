#include "management_server/rehearsals/source_proofs.h"

#include "core/base/error.h"
#include "core/snapshot/snapshot.h"
#include "management_server/database/columns.h"

namespace coffer {

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
        SqlStatement query = database.prepare(
            "SELECT agent, paths, snapshot, time, percent, whole, run FROM source_proofs"
            " WHERE repository=? ORDER BY time DESC");
        bindText(query, 1, repository);
        std::vector<SourceProof> found;
        while (query.step()) {
            SourceProof proof;
            proof.repository = repository;
            proof.agent = idAt<AgentId>(query, 0);
            proof.paths = decodeTexts(query.blob(1));
            proof.snapshot = idAt<SnapshotId>(query, 2);
            proof.time = timeAt(query, 3).value_or(Timestamp{});
            proof.percent = static_cast<unsigned>(query.integer(4));
            proof.whole = query.integer(5) != 0;
            proof.run = query.integer(6);
            found.push_back(std::move(proof));
        }
        return found;
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

std::string shownProof(const SourceProof& proof) {
    std::string text = toIso8601(proof.time) + ", ";
    if (proof.percent < 100) text += std::to_string(proof.percent) + " % of ";
    if (!proof.whole) text += "parts of ";
    return text + "snapshot " + shortName(proof.snapshot);
}

}  // namespace coffer
