#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/repository/recovery_kit.h"
#include "core/repository/repository.h"
#include "core/repository/server_state.h"
#include "core/storage/local_store.h"
#include "tests/faults/faulty_databases.h"
#include "tests/support/memory_folder.h"

namespace coffer {

/// What a server knows of a repository: its keys on the disk, its databases beside it. Of these the
/// chunk index is no part of the simulation: after a crash it is as it was, or gone.
struct ServerSide {
    ServerSide(SimulatedDisk& disk, const std::string& folder) : state(disk, folder) {}
    void attach(SimulatedDisk& disk) { faults.emplace(disk, databases.path()); }

    LocalStore state;
    MemoryFolder databases;
    std::optional<FaultyDatabases> faults;
};

/// A computer with a repository, two servers' states and a replica, all on one simulated disk.
struct FaultWorld {
    explicit FaultWorld(std::unique_ptr<SimulatedDisk> itsDisk);

    /// What is there after the computer went down now and came up again.
    std::unique_ptr<FaultWorld> after(CrashMode mode) const;

    /// Takes the databases of both servers away.
    void loseDatabases();

    /// The same for two worlds in which everything is the same that a program could read.
    Digest fingerprint() const;

    /// The first server's view of the repository, and that of the one which takes it over.
    RepositoryPlace place() { return {repository, first.state, first.databases.path(), clock}; }
    RepositoryPlace secondPlace() {
        return {repository, second.state, second.databases.path(), clock};
    }

    std::unique_ptr<SimulatedDisk> disk;
    LocalStore repository{*disk, "/repository"};
    LocalStore replica{*disk, "/replica"};
    ServerSide first{*disk, "/first"};
    ServerSide second{*disk, "/second"};
    ManualClock clock;
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
};

/// Backs up version `version` of some files. Throws what a backup throws.
SnapshotId backUpVersion(Repository& repository, const AgentIdentity& agent, unsigned version);

/// Restores a snapshot and gives what differs from `version` of those files; empty when nothing.
std::string differences(Repository& repository, const SnapshotId& snapshot, unsigned version);

/// Verifies everything; gives what was found wrong.
std::string verifyProblems(Repository& repository, bool record);

/// Replicates the repository into the replica; gives what was found wrong.
std::string replicateProblems(FaultWorld& world, bool verify);

}  // namespace coffer
