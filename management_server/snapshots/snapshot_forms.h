#pragma once

#include <string>

#include "core/snapshot/snapshot.h"
#include "core/snapshot/tree_node.h"
#include "idl/management.hh"
#include "idl/objects.hh"

namespace coffer {

// The CORBA forms of what snapshots hold.

/// An entry of a snapshot, as objects.idl describes it.
Coffer::Entry toEntry(const TreeNode& node);

/// About how many octets it takes in a message.
std::size_t weightOf(const Coffer::Entry& entry);
std::size_t weightOf(const Coffer::Finding& finding);
std::size_t weightOf(const Coffer::Difference& difference);

/// Names repository and agent; `what` is cut behind so many octets of paths, and "paths" in
/// `counts` then says how many there are.
Coffer::SnapshotInfo toSnapshotInfo(const Snapshot& snapshot, const std::string& repository,
                                    const std::string& agent, std::size_t longestWhat);

/// So many octets of entries make a page of their own, whatever their number.
constexpr std::size_t largestPage = std::size_t{4} << 20;

}  // namespace coffer
