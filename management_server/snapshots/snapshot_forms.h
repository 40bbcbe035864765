#pragma once

#include <string>

#include "core/base/error.h"
#include "core/snapshot/snapshot_catalog.h"
#include "core/snapshot/tree_node.h"
#include "idl/management.hh"
#include "idl/objects.hh"
#include "management_server/rehearsals/source_proofs.h"

namespace coffer {

// The CORBA forms of what snapshots hold.

/// An entry of a snapshot, as objects.idl describes it.
Coffer::Entry toEntry(const TreeNode& node);

/// About how many octets it takes in a message.
std::size_t weightOf(const Coffer::Entry& entry);
std::size_t weightOf(const Coffer::Finding& finding);
std::size_t weightOf(const Coffer::Difference& difference);
std::size_t weightOf(const Coffer::SnapshotInfo& info);

/// Names repository and agent; `what` and `excludes` are cut behind so many octets each. `proof` is
/// the last of the snapshot's source, null when there is none.
Coffer::SnapshotInfo toSnapshotInfo(const Snapshot& snapshot, const std::string& repository,
                                    const std::string& agent, std::size_t longest,
                                    const SourceProof* proof = nullptr);

/// Of one that cannot be opened: what the ledger knows.
Coffer::SnapshotInfo toUnreadableInfo(const SnapshotInfo& info, const std::string& repository,
                                      const std::string& agent, const Error& error);

/// Says that a folder, or with an empty path a snapshot, could not be looked into.
Coffer::Finding toProblem(const std::string& where, const Error& error);

/// So many octets of entries make a page of their own, whatever their number.
constexpr std::size_t largestPage = std::size_t{4} << 20;

}  // namespace coffer
