#pragma once

#include <cstddef>

#include "idl/objects.hh"

namespace coffer {

// What agents answer goes on to users, whose programs make paths of the names in it: all throw
// Error(untrusted) for an answer that no honest agent gives.

/// An entry that was asked for by its path.
void requireEntry(const Coffer::Entry& entry);

/// Entries of a folder: as many as were asked for, each with a name.
void requireEntries(const Coffer::Entries& entries, std::size_t atMost);

void requireLength(const Coffer::Octets& data, std::size_t atMost);

}  // namespace coffer
