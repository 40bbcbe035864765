#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/file_mutex.h"
#include "core/base/guarded.h"
#include "core/base/random.h"
#include "core/repository/ledger.h"
#include "core/repository/manifest_log.h"
#include "core/repository/pack_reader.h"
#include "core/repository/recovery_kit.h"
#include "core/repository/running_work.h"
#include "core/repository/segment_index.h"
#include "core/repository/server_state.h"
#include "core/repository/snapshot_object.h"

namespace coffer {

/// How far ahead of now a lock may reach, in seconds: 10 years. It can be made longer later.
constexpr std::int64_t longestLock = 10LL * 366 * 86400;

/// Where a chunk index lies.
struct IndexPlace {
    Disk& disk;
    std::string folder;  // canonical; its parent exists
    SegmentIndex::Limits limits{};
};

/// Where a repository lives and its server keeps what belongs to it. All outlive the Repository.
struct RepositoryPlace {
    ObjectStore& store;     // the repository itself
    ObjectStore& state;     // the server's keys
    std::string databases;  // folder for repo.db and the chunk index
    const Clock& clock;
    std::optional<IndexPlace> index{};  // none: in that folder
    std::optional<Sharing> sharing{};   // with other programs that have it open for writing
};

/// A repository at its server: keys, manifest, ledger, index and packs. Reading and writing go
/// through ReadSession and WriteSession. Safe to share between threads.
///
/// With RepositoryPlace::sharing several programs have it open for writing at a time. What one of
/// them records is known to another from the begin of its next session, reading or append on, and
/// from refresh().
class Repository {
  public:
    enum class Access {
        peek,  // another program may be writing: the databases are used as they are
        read,  // nothing in the repository changes; the caller holds the state's lock meanwhile
        write  // the caller holds the locks of state and repository, alone or shared
    };

    /// Makes a new repository in an empty store. Throws Error(alreadyExists).
    static void create(const RepositoryPlace& place, const ChunkerParameters& chunker = {},
                       const RepositoryId& id = randomId<RepositoryId>());

    /// Takes over a repository whose server is lost, with the recovery kit. The former owner cannot
    /// write any more. Throws Error(wrongKey), (untrusted), (corrupt), (notFound).
    static void adopt(const RepositoryPlace& place, const RecoveryKit& kit);

    /// The same with the keys in its state, which come from a backup of the server that is lost.
    /// Throws also Error(notFound) without a state.
    static void takeOver(const RepositoryPlace& place);

    /// Opens it and, but for a peek, brings the databases up to what the manifest says; a peek
    /// throws Error(busy) while they are still empty. Throws Error(notFound) when there is none,
    /// (untrusted) when the manifest is shorter than or differs from what this server has seen,
    /// (conflict) when another server has taken it over or it is a replica (write access),
    /// (unsupported) when there is something in it that this program does not know and that keeps
    /// it from what it wants (docs/formats/repository.md#growth).
    Repository(const RepositoryPlace& place, Access access);

    const RepositoryConfig& config() const { return config_; }
    const ServerKeys& keys() const { return state_.keys; }
    const Clock& clock() const { return place_.clock; }
    ObjectStore& store() const { return place_.store; }

    /// Which copy of the repository this is; a replica has another.
    StoreId storeId() const;

    Ledger& ledger() { return ledger_; }
    ChunkIndex& index() { return caughtUp_; }

    /// What runs that a prune has to leave alone.
    RunningWork& running() { return running_; }

    /// Takes in what other programs have recorded since. Quick when that is nothing. Waits for an
    /// append that is under way. After a failed write it tries what recover() does, but throws
    /// nothing of it.
    void refresh();

    /// The same for who only looks, without the index, which does so itself when it is asked next.
    /// Waits for nobody.
    void refreshLedger();

    bool isOpenToWrite() const { return access_ == Access::write; }

    /// False when it was opened for reading only, or since a write to it has failed, until
    /// recover(). Waits for nobody.
    bool canWrite() const { return canWrite_; }

    /// After a failed write: brings manifest, ledger and index together again, as opening it does;
    /// sessions go on. Nothing happens otherwise. Throws what opening throws.
    void recover();

    /// The same for who can do without writing, such as a restore: gives why it does not work now,
    /// like a full disk. Throws Error(conflict), (untrusted), (unsupported).
    std::optional<Error> tryToRecover();

    /// Throws Error(conflict) when another server has taken it over, (notFound) when its folder is
    /// not there.
    void checkOwner() const;

    /// Throws Error(notFound) when of some packs that are held to be sound none is in its place: a
    /// backup that counts on them would miss what they held.
    void checkPacks() const;

    // The recovery kit.
    bool kitConfirmed() const;
    RecoveryKit kit() const;  // Error(conflict) once it was confirmed

    /// Throws Error(wrongKey) when it is not this repository's.
    void confirmKit(const RecoveryKit& kept);

    /// Keys for an agent of the default dedup domain.
    AgentKeys agentKeys(const AgentIdentity& agent) const;

    /// Makes an agent known. Nothing happens when it is known with that key. Throws Error(conflict)
    /// when it is one as which the server signs.
    void enrol(const AgentId& agent, const VerifyKey& key);

    /// Appends to the manifest, then enters the records in the ledger, then runs `indexIt` to bring
    /// the index along, with the generation it has then; one caller after the other. Throws
    /// Error(conflict) when it was opened for reading only, or somebody else has become the owner.
    /// After a failure manifest, ledger and index may stand apart; the next call begins with
    /// recover().
    void record(std::span<const ManifestPayload> payloads,
                const std::function<void(std::uint64_t generation)>& indexIt = {});

    /// The same for records that are chosen under the lock of the manifest, so that what they
    /// depend on cannot change in between. Nothing happens when there are none. `choose` must not
    /// come back into record() or recordChosen(); what it throws is passed on and breaks nothing.
    void recordChosen(const std::function<std::vector<ManifestPayload>()>& choose,
                      const std::function<void(std::uint64_t generation)>& indexIt = {});

    /// Enters a pack whose octets are in the store: checks the signature, the length and the
    /// directory, then manifest, ledger, index. `verified`: the caller has read every octet.
    void registerPack(const PackRegistration& registration, const SessionId& session,
                      bool verified = false);

    /// Deletes the packs that `decide` names under the same rule: they are recorded as gone, taken
    /// out of the index, then their objects are removed. Gives what was deleted.
    std::vector<PackInfo> removePacks(const std::function<std::vector<PackId>()>& decide);

    /// Removes an object unless `isUnnamed` says, once nothing of that name can arrive, that a
    /// record names it after all. False when it was left: also when it is just arriving.
    /// `isUnnamed` must not come back into record() or recordChosen().
    bool removeUnnamed(const std::string& name, const std::function<bool()>& isUnnamed);

    // What becomes of snapshots, in repository_snapshots.cpp. Several are changed together or not
    // at all. Throw Error(notFound), (conflict) for one that is locked, or in the trash and must
    // not be.

    /// Changes what is written on a snapshot. A lock that has not run out can only be made longer
    /// (Error(conflict)), up to longestLock from now (Error(invalidArgument)).
    void mark(const SnapshotId& snapshot, const std::function<void(SnapshotMark&)>& change);

    /// Puts snapshots into the trash, to be forgotten at `due`. One that is there already stays due
    /// when it was.
    void trash(std::span<const SnapshotId> snapshots, Timestamp due);

    /// Takes them out again. Nothing happens to one that is not in it.
    void untrash(std::span<const SnapshotId> snapshots);

    /// Forgets them for good, in the trash or not; their chunks stay until a prune.
    void forget(std::span<const SnapshotId> snapshots);
    void forget(const SnapshotId& snapshot) { forget(std::span(&snapshot, 1)); }

    /// Forgets what was due in the trash by then, and tells what that was.
    std::vector<SnapshotId> forgetDue(Timestamp by);

    Bytes snapshotBody(const SnapshotRegistration& registration);

    /// A pack's directory and keys, from a bounded cache. With write access Error(unsupported) is
    /// certain: of a pack that has other octets than were registered it is Error(corrupt).
    std::shared_ptr<const OpenPack> openPack(const PackId& pack);

    /// Whether a pack has the octets that its agent signed; reads all of them. What seems to need a
    /// newer version and has not is damaged.
    bool isAsRegistered(const PackId& pack);

    /// Builds the chunk index anew from all packs; packs that cannot be read are returned. As long
    /// as one of them needs a newer version the index does not count as complete.
    std::vector<PackId> rebuildIndex();

  private:
    using Log = std::optional<ManifestLog>;

    /// A pack that the index lacks, as it could not be read.
    struct Gap {
        PackId pack;
        bool damaged;  // or else it may be readable another time
    };
    struct Gaps {
        std::vector<Gap> packs;
        std::uint64_t seen = 0;  // the head up to which the index has all but these
    };

    void openToWrite();
    void recover(Log& log);
    void withLog(const std::function<void(Log& log)>& work);
    void takeTurn(const std::function<void(Log& log)>& work);
    std::unique_lock<FileMutex> bringAlong(Log& log);
    void catchUp(Log& log);
    void enter(std::vector<ManifestRecord> records);
    void requireKnown() const;
    void lookForKit();
    void append(Log& log, std::span<const ManifestPayload> payloads,
                const std::function<void(std::uint64_t generation)>& indexIt);
    void removeObjects(std::span<const SnapshotId> forgotten);
    void keep(const PackId& id, const std::shared_ptr<const OpenPack>& pack);
    void drop(const PackId& id);
    enum class Indexed { yes, damaged, newer };
    Indexed indexPack(const PackId& pack, std::uint64_t generation);
    void catchUpLedger();
    void catchUpIndex();
    std::optional<Gap> enterPack(const PackId& pack);
    Gap newerPack(const PackId& pack) const;
    std::vector<ManifestPayload> takeDamaged();

    /// The index as others see it: brought along before it is asked.
    class CaughtUpIndex : public ChunkIndex {
      public:
        explicit CaughtUpIndex(Repository& repository) : repository_(repository) {}
        void add(const PackId& pack, const PackDirectory& directory,
                 std::uint64_t generation) override {
            inner().add(pack, directory, generation);
        }
        void remove(const PackId& pack, std::uint64_t generation) override {
            inner().remove(pack, generation);
        }
        std::vector<std::vector<ChunkLocation>> find(std::span<const ChunkId> ids) override {
            repository_.refresh();
            return inner().find(ids);
        }
        std::uint64_t chunkCount() override { return inner().chunkCount(); }
        std::uint64_t generation() override { return inner().generation(); }
        void setGeneration(std::uint64_t generation) override { inner().setGeneration(generation); }
        void clear() override { inner().clear(); }

      private:
        ChunkIndex& inner() { return repository_.index_; }
        Repository& repository_;
    };

    struct CachedPack {
        PackId id;
        std::shared_ptr<const OpenPack> pack;
        std::size_t cost;
    };

    RepositoryPlace place_;
    Access access_;
    RepositoryConfig config_;
    ServerState state_;                           // without the root seed
    Guarded<std::optional<SecretKey>> rootSeed_;  // until the kit was confirmed
    Ledger ledger_;
    std::unique_ptr<Disk> disk_ = makeSystemDisk();  // where the index lies, unless the place says
    SegmentIndex index_;
    Guarded<Gaps> gaps_;
    CaughtUpIndex caughtUp_{*this};
    std::optional<FileMutex> turn_;  // of the programs that share it; within the manifest's lock
    Guarded<Log> manifest_;
    std::atomic<bool> canWrite_ = false;  // whether there was a log when that was last left
    Guarded<std::list<CachedPack>> cache_;
    RunningWork running_{ledger_, place_.sharing};
};

}  // namespace coffer
