#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/repository/ids.h"
#include "core/snapshot/tree_node.h"

namespace coffer {

/// As snapshots are named in tables: the first eight digits.
std::string shortName(const SnapshotId& id);

/// Of its 32 digits. Throws Error(invalidArgument).
SnapshotId snapshotIdOf(std::string_view digits);

/// What a backup did, in numbers.
struct BackupStatistics {
    std::uint64_t files = 0;  // regular files in the snapshot
    std::uint64_t folders = 0;
    std::uint64_t others = 0;       // symlinks, devices…
    std::uint64_t bytes = 0;        // sizes of all files
    std::uint64_t readBytes = 0;    // read from changed files
    std::uint64_t newBytes = 0;     // of chunks the repository did not have
    std::uint64_t storedBytes = 0;  // what the new packs take
    std::uint64_t changedFiles = 0;
    std::uint64_t warnings = 0;

    bool operator==(const BackupStatistics&) const = default;
};

/// Which snapshot one is a copy of (docs/copies.md): the first, also of a copy of a copy.
struct SnapshotOrigin {
    RepositoryId repository;
    SnapshotId snapshot;
    AgentId agent;        // that made it
    Timestamp committed;  // there

    bool operator==(const SnapshotOrigin&) const = default;

    /// The id of its copy in a repository: always the same, so that there is one.
    SnapshotId copyIn(const RepositoryId& target) const;
};

/// One state of a source at one time (docs/formats/snapshot.md).
struct Snapshot {
    SnapshotId id;
    std::string host;
    std::vector<std::string> paths;     // absolute, as backed up
    std::vector<std::string> excludes;  // patterns
    std::vector<std::string> filters;   // what else left something out, "KEY=VALUE", for people
    Timestamp started;                  // the agent's clock
    Timestamp ended;
    std::optional<SnapshotId> base;
    TreeNode root;
    BackupStatistics statistics;
    std::optional<SnapshotOrigin> origin;  // of a copy

    // Not in the body: stamped by the server.
    Timestamp committed;
    AgentId agent;
    DomainId domain;

    /// When this state of the source was committed, of a copy there where it was first. Origins are
    /// believed when loadSnapshot has left them in.
    Timestamp backedUp() const { return origin ? origin->committed : committed; }

    Bytes encodeBody() const;
    static Snapshot decodeBody(const SnapshotId& id, ByteView body);
};

}  // namespace coffer
