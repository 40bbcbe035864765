#pragma once

#include <vector>

#include "core/agent/object_tree.h"
#include "core/agent/paged_entries.h"
#include "core/agent/run_order.h"
#include "idl/agent.hh"

namespace coffer {

// The forms that the agent's things have in objects.idl and agent.idl.

Coffer::Entry toWire(const ObjectEntry& entry);

/// Its kind, size, time and mode. Throws Error(invalidArgument).
ObjectEntry fromWire(const Coffer::Entry& entry);
void toWire(const PagedEntries::Page& page, Coffer::Entries& entries);

Coffer::RunProgressList toWire(const std::vector<RunNews>& news);

/// The first 1,000 problems, as far as they fit into a message.
Coffer::RunResult toWire(const RunReport& report);

/// As it comes from the server; checked by checkedOrder. Throws Error(invalidArgument) for counts
/// that no order has.
RunOrder fromWire(const Coffer::RunOrder& order);

}  // namespace coffer
