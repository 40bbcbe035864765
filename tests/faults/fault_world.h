#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/pipeline/prune_job.h"
#include "core/repository/recovery_kit.h"
#include "core/repository/repository.h"
#include "core/repository/server_state.h"
#include "core/repository/write_session.h"
#include "core/storage/local_store.h"
#include "tests/faults/faulty_databases.h"
#include "tests/support/memory_folder.h"

namespace coffer {

/// What a server knows of a repository: its keys and its chunk index on the disk, its databases
/// beside it. Bounds of the index are so low that much of it moves through logs and segments.
struct ServerSide {
    ServerSide(SimulatedDisk& disk, const std::string& folder)
        : state(disk, folder), index{disk, folder + "-index", {8, 4'000, 3, 2}} {}
    void attach(SimulatedDisk& disk) { faults.emplace(disk, databases.path()); }

    LocalStore state;
    IndexPlace index;
    MemoryFolder databases;
    std::optional<FaultyDatabases> faults;
};

/// A computer with a repository, two servers' states, a replica and a second repository for
/// copies, all on one simulated disk.
struct FaultWorld {
    explicit FaultWorld(std::unique_ptr<SimulatedDisk> itsDisk);

    /// What is there after the computer went down now and came up again. The chunk indexes, which
    /// may be on a disk of their own, outlive it in a mode of theirs.
    std::unique_ptr<FaultWorld> after(CrashMode mode, CrashMode ofIndexes) const;
    std::unique_ptr<FaultWorld> after(CrashMode mode) const { return after(mode, mode); }

    /// Takes the databases and the chunk indexes of both servers away.
    void loseDatabases();

    /// The same for two worlds in which everything is the same that a program could read.
    Digest fingerprint() const;

    /// The first server's view of the repository, and that of the one which takes it over.
    RepositoryPlace place() { return placeOf(first); }
    RepositoryPlace secondPlace() { return placeOf(second); }

    /// The repository that copies go to.
    RepositoryPlace offsitePlace() { return placeOf(third, offsite); }

    std::array<ServerSide*, 3> sides() { return {&first, &second, &third}; }
    std::array<const ServerSide*, 3> sides() const { return {&first, &second, &third}; }

    std::unique_ptr<SimulatedDisk> disk;
    LocalStore repository{*disk, "/repository"};
    LocalStore replica{*disk, "/replica"};
    ServerSide first{*disk, "/first"};
    LocalStore offsite{*disk, "/offsite"};
    ServerSide second{*disk, "/second"};
    ServerSide third{*disk, "/third"};
    ManualClock clock;

  private:
    RepositoryPlace placeOf(ServerSide& side) { return placeOf(side, repository); }
    RepositoryPlace placeOf(ServerSide& side, ObjectStore& store) {
        return {store, side.state, side.databases.path(), clock, side.index};
    }
};

/// What the computer's user was told: that is what must never be lost.
struct Acknowledged {
    bool created = false;
    std::optional<RecoveryKit> kit;
    bool confirmed = false;
    std::map<SnapshotId, unsigned> snapshots;  // with the version of the data that is in them
    std::optional<SnapshotId> forgotten;
    bool adopted = false;
    bool replicated = false;
    std::map<SnapshotId, unsigned> copies;  // in the second repository, as `snapshots`
    bool hasOffsite = false;
};

/// Backs up version `version` of some files. Throws what a backup throws.
SnapshotId backUpVersion(Repository& repository, const AgentIdentity& agent, unsigned version);

/// The same in a session that has begun, of that agent.
SnapshotId backUpVersion(Repository& repository, WriteSession& session, const AgentIdentity& agent,
                         unsigned version);

/// Copies a snapshot into the repository `to`, which may have it, and gives the copy; what was
/// copied before is remembered in the file `map`. Throws what a copy throws.
SnapshotId copySnapshot(Repository& from, Repository& to, const SnapshotInfo& info,
                        const std::string& map);

/// Restores a snapshot and gives what differs from `version` of those files; empty when nothing.
std::string differences(Repository& repository, const SnapshotId& snapshot, unsigned version);

/// Verifies everything; gives what was found wrong.
std::string verifyProblems(Repository& repository, bool record);

/// Gives what is wrong with the chunk index: a chunk of a pack that is not found there, or one that
/// is said to lie in a pack that is gone.
std::string indexProblems(Repository& repository);

/// Prunes; gives what could not be done.
std::string pruneProblems(Repository& repository, PruneResult& result);

/// Replicates the repository into the replica; gives what was found wrong.
std::string replicateProblems(FaultWorld& world, bool verify);

}  // namespace coffer
