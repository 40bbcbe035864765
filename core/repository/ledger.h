#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/base/guarded.h"
#include "core/repository/manifest_log.h"
#include "core/repository/proof_table.h"
#include "core/repository/sqlite_readers.h"

namespace coffer {

struct PackInfo {
    PackRegistration registration;
    SessionId session;
    PackState state = PackState::received;
    PackState former = PackState::received;  // before the last change
    std::uint64_t registered = 0;            // sequence numbers of the records that registered it
    std::uint64_t changed = 0;               // and that gave it its state
};

/// A snapshot that is not forgotten for good.
struct SnapshotInfo {
    SnapshotRegistration registration;
    Timestamp committed;  // the server's time
    SnapshotMark mark = {};
    std::uint64_t sequence = 0;         // of the record that registered it
    std::optional<Timestamp> due = {};  // in the trash: it will be forgotten from then on

    /// Whether it stands in ordinary lists.
    bool isShown() const { return !registration.hidden && !due; }
};

/// How many packs there are in a state, and their octets.
struct PackTotals {
    std::uint64_t packs = 0;
    std::uint64_t bytes = 0;
};

/// A backup that has begun and not ended, as it survives a restart.
struct SessionInfo {
    SessionId id;
    AgentId agent;
    std::uint64_t generation = 0;  // G at its begin
};

/// What programs that share a repository tell each other of, beside sessions (RunningWork).
enum class LedgerWork { session = 0, arrival = 1, pin = 2 };

/// Names something that runs, or an object that arrives.
using WorkId = Id<16, struct WorkIdTag>;

/// The durable state of a repository at its server, repo.db: everything the manifest says, ready
/// for look-ups, what was read when, and the sessions. Replaying the manifest rebuilds all but the
/// sessions and the later readings. Safe to share between threads: who asks does not wait for a
/// change that is being written, and sees all that were done when it began.
///
/// The head and the states of packs are kept in memory: what another program has entered counts
/// from refresh() on, all else at once.
class Ledger {
  public:
    /// A file that belongs to another repository is refused with Error(conflict), one of a newer
    /// version with Error(unsupported).
    Ledger(const std::string& path, const RepositoryId& repository);

    /// Enters manifest records and moves the head, all or nothing. The records follow the head.
    void apply(const std::vector<ManifestRecord>& records);
    ManifestHead head() const;

    /// The first record of a type that this program does not know: who finds one must not write.
    std::optional<std::uint64_t> firstUnknown() const;

    /// Takes in what another program has entered, without waiting for a change that is being
    /// written. False when that is nothing.
    bool refresh();

    std::optional<PackInfo> pack(const PackId& id) const;
    PackState stateOf(const PackId& id) const;  // gone for a pack never heard of
    std::optional<AgentId> agentOf(const PackId& pack) const;
    std::vector<PackId> packsIn(PackState state, std::size_t most = SIZE_MAX) const;
    PackTotals totals(PackState state) const;

    /// Every pack that is not gone, in the order of registration, from a manifest sequence on.
    std::vector<PackInfo> packs(std::uint64_t fromSequence = 0) const;

    /// Packs that this snapshot may count on and that are not known to be sound: those of its agent
    /// that nobody has verified, suspect ones of all agents; each registered before it.
    std::vector<PackInfo> unprovenPacksOf(const SnapshotId& snapshot) const;

    /// Packs that have become gone, from a manifest sequence on.
    std::vector<PackId> goneSince(std::uint64_t fromSequence) const;

    std::optional<SnapshotInfo> snapshot(const SnapshotId& id) const;

    /// All that are not forgotten for good, hidden ones and those in the trash too: what a prune
    /// has to leave whole. Oldest first.
    std::vector<SnapshotInfo> snapshots() const;

    /// Whether one was committed behind a manifest sequence that is still there.
    bool anySnapshotSince(std::uint64_t sequence) const;

    std::optional<VerifyKey> agentKey(const AgentId& agent) const;

    /// The manifest sequence of the agent's last snapshot, forgotten or not; 0 without one.
    std::uint64_t lastCommitOf(const AgentId& agent) const;
    std::optional<OwnerRecord> owner() const;

    // What was read and checked, and when; a pack's change of state is noted by itself.
    void note(std::span<const PackProof> packs, std::span<const SnapshotProof> snapshots = {});
    std::optional<PackProof> proofOf(const PackId& pack) const;

    /// Snapshots of which all was read and found sound: the last verification or rehearsal of them
    /// says so, or else every pack registered before them is verified.
    std::unordered_set<SnapshotId, IdHash> provenSnapshots() const;

    /// Those of which something is known or feared to be lost; quick where all is well.
    std::map<SnapshotId, SnapshotDamage> damagedSnapshots() const;

    /// Of all snapshots that were checked as a whole, the last check; the newest first.
    std::vector<SnapshotProof> snapshotProofs() const;

    /// Verified packs that were last read whole before then, the longest unread first.
    std::vector<PackProof> readBefore(const Timestamp& time) const;

    /// How much of what is stored has been read whole since then.
    ProofSummary proofSummary(const Timestamp& since) const;

    /// `program`: who runs it, where several share the repository.
    void beginSession(const SessionInfo& session, const std::string& program = {});
    void endSession(const SessionId& session);
    std::vector<SessionInfo> sessions() const;

    // What else runs, of programs that share the repository: in ledger_work.cpp.
    void noteWork(const WorkId& id, const std::string& program, LedgerWork kind, ByteView value);
    /// The same, but false when such work of that value is noted already: of several programs that
    /// ask at once, one is told true.
    bool noteAlone(const WorkId& id, const std::string& program, LedgerWork kind, ByteView value);
    void eraseWork(const WorkId& id);
    bool hasWork(LedgerWork kind, ByteView value) const;
    std::vector<Bytes> work(LedgerWork kind) const;  // the values
    std::vector<std::string> programs() const;       // that have noted something

    /// Forgets the sessions and the work of a program that runs no more, and sessions of none; or
    /// everything.
    void dropWork(const std::string& program);
    void dropAllWork();

  private:
    struct PackSummary {
        PackState state;
        AgentId agent;
        std::uint64_t size;
    };
    /// What is kept in memory.
    struct Summary {
        void remember(const ManifestRecord& record);
        void remember(const PackId& pack, const PackSummary& summary);
        void remember(SqlStatement& packs);

        std::unordered_map<PackId, PackSummary, IdHash> packs;
        std::array<PackTotals, 6> totals;  // by the number of the state
        ManifestHead head;
    };
    struct Applier;
    void load(const RepositoryId& repository);

    // Who changes the database, or reads it, may take the lock of the summary. Nobody holds that
    // one, or a connection that reads, while the disk writes.
    Guarded<SqlDatabase> database_;
    SqlReaders readers_;
    Guarded<Summary> summary_;
};

}  // namespace coffer
