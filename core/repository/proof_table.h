#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_set>
#include <vector>

#include "core/base/clock.h"
#include "core/repository/ids.h"
#include "core/repository/sqlite.h"

namespace coffer {

/// When a pack was last read whole, and what was found.
struct PackProof {
    PackId pack;
    Timestamp read;
    bool sound = true;
};

/// When all that a snapshot needs was last checked, by a verification or a rehearsal.
struct SnapshotProof {
    SnapshotId snapshot;
    Timestamp time;
    bool sound = true;
};

/// What is known against a snapshot.
enum class SnapshotDamage {
    possible,  // a pack that it may need has become suspect since; nobody has looked it up
    known      // who read all of it, or looked up what it needs, missed something
};

/// How much of the packs that hold something has been read lately.
struct ProofSummary {
    std::uint64_t packs = 0;
    std::uint64_t bytes = 0;
    std::uint64_t provenPacks = 0;  // read whole since the time asked for, and sound
    std::uint64_t provenBytes = 0;
    std::uint64_t unreadPacks = 0;    // never read whole
    std::optional<Timestamp> oldest;  // the longest unread of the others

    unsigned provenPercent() const {
        return bytes == 0 ? 100 : static_cast<unsigned>(provenBytes * 100 / bytes);
    }
};

/// The tables `pack_proofs` and `snapshot_proofs` of repo.db, beside those of the Ledger, which
/// calls this under its lock and in its transactions.
class ProofTable {
  public:
    explicit ProofTable(SqlDatabase& database) : database_(database) {}

    static constexpr const char* schema =
        "CREATE TABLE IF NOT EXISTS pack_proofs(id BLOB PRIMARY KEY, seconds INTEGER NOT NULL,"
        " nanoseconds INTEGER NOT NULL, sound INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS snapshot_proofs(id BLOB PRIMARY KEY,"
        " seconds INTEGER NOT NULL, nanoseconds INTEGER NOT NULL, sound INTEGER NOT NULL)"
        " WITHOUT ROWID;";

    void note(const PackProof& proof);
    void note(const SnapshotProof& proof);
    void removePack(const PackId& pack);
    void removeSnapshot(const SnapshotId& snapshot);

    /// This pack turned out damaged: snapshots that may need it are not proven any more.
    void doubt(const PackId& pack);

    std::optional<PackProof> ofPack(const PackId& pack);

    /// Those of which all was read and found sound.
    std::unordered_set<SnapshotId, IdHash> snapshots();

    /// Those against which something is known; `anySuspect`: there are suspect packs.
    std::map<SnapshotId, SnapshotDamage> damaged(bool anySuspect);

    /// Of all snapshots that were checked, the last; the newest first.
    std::vector<SnapshotProof> ofSnapshots();

    /// Verified packs that were last read before then, the longest unread first.
    std::vector<PackProof> readBefore(const Timestamp& time);

    ProofSummary summary(const Timestamp& since);

  private:
    SqlDatabase& database_;
};

}  // namespace coffer
