#pragma once

#include <array>
#include <string>
#include <vector>

#include "rescue/key_reader.h"
#include "rescue/manifest_reader.h"
#include "rescue/node_reader.h"
#include "rescue/repository_folder.h"

namespace coffer::rescue {

/// One state of a source (docs/formats/snapshot.md).
struct Snapshot {
    SnapshotId id;
    DomainId domain;
    std::string host;
    std::vector<std::string> paths;
    Timestamp started;
    Timestamp ended;
    Node root;
    std::uint64_t files = 0;
    std::uint64_t fileOctets = 0;
};

constexpr std::size_t snapshotLimit = 4 * 1024 * 1024;

/// The name of a snapshot's object.
std::string snapshotName(const SnapshotId& snapshot);

/// Reads a snapshot object, checked against its registration. Throws Error(untrusted, wrongKey,
/// unsupported, corrupt).
Snapshot readSnapshot(ByteView object, const SnapshotRecord& registered,
                      const RepositoryId& repository, const Keys& keys);

/// The registration that `wanted` names: "latest", or the beginning of an id, of one snapshot only.
/// Throws Error(notFound, invalidArgument).
const RegisteredSnapshot& chooseSnapshot(const Manifest& manifest, const std::string& wanted);

}  // namespace coffer::rescue
