#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/repository/repository.h"

namespace coffer {

/// An object that no manifest record names: of a session that was cut before it registered it, or
/// of a deletion that was cut after its record.
struct Leftover {
    std::string name;
    std::uint64_t size = 0;  // octets
};

/// The packs and snapshot objects that are left over, those of uploads under way not among them.
std::vector<Leftover> findLeftovers(Repository& repository);

/// Removes one that was found, unless something of its name arrives or has arrived by now: a backup
/// that is repeated sends its snapshot under the same name. Whether it is gone.
bool removeLeftover(Repository& repository, const std::string& name);

}  // namespace coffer
